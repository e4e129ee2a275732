import { Sparkles } from 'lucide-react';

import { explain } from '../../api';
import { Button, KeyHint, toast } from '../../ui';
import { Banner } from '../Banners';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { useDeskState } from '../useDesk';
import { isWaiting } from './proposal';
import { takeAll, takeSlice } from './taking';

/** Asks what to do with the draft, until something is taken of it or the annotator starts empty. */
export function ProposalBanner({ desk }: { desk: Desk }) {
  const proposal = useDeskState(desk, (state) => state.proposal);
  const editable = useDeskState(desk, (state) => state.editable);
  if (!proposal || !isWaiting(proposal) || !editable) return null;
  if (proposal.failed) {
    return (
      <Banner tone="warn" icon={<Sparkles size={16} />}>
        The draft by {proposal.source} has not arrived.{' '}
        <Button size="small" onClick={() => void desk.draft.load()}>
          Try again
        </Button>
      </Banner>
    );
  }
  const waiting = proposal.slices === null || proposal.busy;
  return (
    <Banner tone="info" icon={<Sparkles size={16} />}>
      <div className="proposal-question">
        <span>
          <strong>{capital(proposal.source)} drafted this case.</strong> Hatched is what it would draw;
          nothing of it is in the mask yet.
        </span>
        <div className="proposal-answers">
          <Button size="small" kind="primary" disabled={waiting} onClick={() => void takeAll(desk)}>
            Take all <KeyHint keys={hintOf('take-draft')} />
          </Button>
          <Button size="small" disabled={waiting} onClick={() => void takeSlice(desk)}>
            This slice <KeyHint keys={hintOf('take-slice')} />
          </Button>
          <Button size="small" aria-pressed={proposal.open} onClick={() => desk.draft.toggle()}>
            By label… <KeyHint keys={hintOf('draft')} />
          </Button>
          <Button size="small" disabled={waiting} onClick={() => startEmpty(desk)}>
            Start empty
          </Button>
        </div>
      </div>
    </Banner>
  );
}

function startEmpty(desk: Desk): void {
  desk.draft.decline().catch((error: unknown) => {
    const { title, advice } = explain(error);
    toast.bad(title, advice);
  });
}

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
