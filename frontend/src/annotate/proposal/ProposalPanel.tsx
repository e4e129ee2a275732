import { ChevronRight } from 'lucide-react';
import { useState } from 'react';

import { Badge, Button, classes, Tooltip } from '../../ui';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { millilitres } from '../measures';
import { useDeskState } from '../useDesk';
import { within } from './cells';
import { OriginsPanel } from './OriginsPanel';
import './proposal.css';
import { isWaiting, type ProposalState } from './proposal';
import { type Scope, ScopeFields, slicesIn } from './ScopeFields';
import { share, takePart } from './taking';

/** The model's draft: which parts of it are in the mask, and taking more of it. */
export function ProposalPanel({ desk }: { desk: Desk }) {
  const proposal = useDeskState(desk, (state) => state.proposal);
  const editable = useDeskState(desk, (state) => state.editable);
  if (!proposal) return null;
  const open = proposal.open;
  return (
    <section className={classes('section', open && 'section-open')} data-section="draft">
      <header className="section-head">
        <h3>
          <Tooltip text={open ? 'Close the draft' : 'Open the draft'} hint={hintOf('draft')}>
            <button
              type="button"
              className="section-title"
              aria-expanded={open}
              data-testid="draft-toggle"
              onClick={() => desk.draft.toggle()}
            >
              <ChevronRight size={14} aria-hidden="true" />
              {capital(proposal.source)}’s draft
            </button>
          </Tooltip>
        </h3>
        <Badge>{answerOf(proposal)}</Badge>
      </header>
      {open && (
        <div className="section-body">
          {editable && <TakeFields desk={desk} proposal={proposal} />}
          <OriginsPanel desk={desk} />
        </div>
      )}
    </section>
  );
}

function TakeFields({ desk, proposal }: { desk: Desk; proposal: ProposalState }) {
  const [scope, setScope] = useState<Scope>({ kind: 'all' });
  const plane = desk.viewer.mainPlane;
  const here = useDeskState(desk, (state) => state.slices[plane]);
  const slices = slicesIn(scope, here);
  const ready = proposal.slices !== null && !proposal.busy && slices !== undefined;
  const name = scope.kind === 'all' ? '' : scope.kind === 'here' ? `, slice ${here + 1}` : ', some slices';
  const undrawn = desk.labels.flatMap(({ value, name: label }) =>
    proposal.labels.some((part) => part.value === value) ? [] : [label],
  );
  return (
    <>
      <ScopeFields scope={scope} here={here} count={desk.viewer.sliceCount(plane)} onChange={setScope} />
      <ul className="draft-labels">
        {desk.labels.map(({ value, name: label, colour }) => {
          const held = proposal.labels.find((part) => part.value === value);
          if (!held) return null;
          const part = { labels: new Set([value]), slices: slices ?? null };
          const there = within(desk.draft.cells, part.labels, part.slices).get(value);
          const taken = there ? share(proposal.accepted, value, there) : 'none';
          return (
            <li key={value} className="draft-label">
              <span className="label-swatch" style={{ background: colour }} />
              <span className="draft-word" title={label}>
                {label}
              </span>
              <span className="draft-size">{millilitres(desk.volume, held.voxels)}</span>
              {there ? (
                <Button
                  size="small"
                  disabled={!ready || taken === 'all'}
                  data-testid={`take-${value}`}
                  onClick={() => void takePart(desk, part, `${label}${name}`)}
                >
                  {taken === 'all' ? 'Taken' : taken === 'some' ? 'Take rest' : 'Take'}
                </Button>
              ) : (
                <span className="draft-none">not here</span>
              )}
            </li>
          );
        })}
      </ul>
      {undrawn.length > 0 && <p className="side-hint">Not drawn: {undrawn.join(', ')}.</p>}
      <label className="draft-over">
        <input
          type="checkbox"
          checked={proposal.over === 'unlabelled'}
          onChange={({ target }) => desk.draft.set({ over: target.checked ? 'unlabelled' : 'everything' })}
        />
        Only where nothing is drawn yet
      </label>
      <Button
        disabled={!ready || isWhole(proposal)}
        busy={proposal.busy}
        data-testid="take-all"
        onClick={() =>
          void takePart(desk, { labels: null, slices: slices ?? null }, name === '' ? 'all' : name.slice(2))
        }
      >
        Take all labels{scope.kind === 'all' ? '' : ' of these slices'}
      </Button>
    </>
  );
}

function answerOf(proposal: ProposalState): string {
  if (isWaiting(proposal)) return 'waits';
  if (proposal.accepted.size === 0) return 'put aside';
  return isWhole(proposal) ? 'taken' : 'partly taken';
}

/** Whether every part of the draft is in the mask. */
function isWhole({ labels, accepted }: ProposalState): boolean {
  return labels.every(({ value, slices }) => share(accepted, value, slices) === 'all' || slices.size === 0);
}

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
