import { useState } from 'react';

import { explain } from '../api';
import { ago, Button, Dialog, plural, toast } from '../ui';
import type { Changed, Winner } from './merge';
import type { Offer } from './offers';
import type { Saving } from './saving';
import './strokes-dialog.css';

interface DialogProps {
  saving: Saving;
  offer: Offer;
}

/** Strokes that the server does not have: to be put on the mask, kept for later or thrown away. */
export function StrokesDialog({ saving, offer }: DialogProps) {
  const [winner, setWinner] = useState<Winner>('mine');
  const [busy, setBusy] = useState(false);
  const act = (work: Promise<unknown>): void => {
    setBusy(true);
    work.catch((error: unknown) => toast.bad(explain(error).title)).finally(() => setBusy(false));
  };
  const putOff = async (): Promise<void> => {
    if (!(await saving.offers.putOff()))
      toast.bad('This browser cannot keep them. Choose one of the others.');
  };
  const { conflict, since } = offer;
  const footer = (
    <>
      <Button kind="danger" disabled={busy} onClick={() => act(saving.offers.discard())}>
        Throw mine away
      </Button>
      <Button disabled={busy} onClick={() => act(putOff())}>
        Keep mine for later
      </Button>
      <Button kind="primary" busy={busy} onClick={() => act(saving.offers.take(winner))}>
        {since === null ? 'Take them back' : 'Put mine on top'}
      </Button>
    </>
  );
  const title = conflict ? 'This case was saved elsewhere' : 'Unsaved strokes were found';
  return (
    <Dialog open onClose={() => act(putOff())} title={title} footer={footer}>
      {conflict ? <Met offer={offer} /> : <Found offer={offer} />}
      {since !== null && <Sides since={since} winner={winner} choose={setWinner} />}
    </Dialog>
  );
}

function Met({ offer: { conflict } }: { offer: Offer }) {
  const when = conflict?.at == null ? '' : `, ${ago(conflict.at)}`;
  return (
    <p>
      <strong>{conflict?.by ?? 'Somebody else'}</strong> saved revision {conflict?.head ?? ''}
      {when}, while you were drawing on an older one. Nothing was overwritten. “Put mine on top” loads theirs
      and changes only the voxels that you changed.
    </p>
  );
}

function Found({ offer: { slices, keptAt, since } }: { offer: Offer }) {
  return (
    <p>
      This browser kept strokes on {slicesIn([...slices.keys()])} that the server does not have, drawn{' '}
      {ago(keptAt.toISOString())}.
      {since !== null &&
        ` The case has been saved since (revision ${since.revision}); only the voxels that you changed would change.`}
    </p>
  );
}

interface SidesProps {
  since: NonNullable<Offer['since']>;
  winner: Winner;
  choose: (winner: Winner) => void;
}

/** Who changed how much, and whose label stands where both changed the same voxels. */
function Sides({ since: { report }, winner, choose }: SidesProps) {
  return (
    <>
      <dl className="strokes-sides">
        <dt>Yours</dt>
        <dd>{changes(report.mine)}</dd>
        <dt>Theirs</dt>
        <dd>{changes(report.theirs)}</dd>
        <dt>Both</dt>
        <dd data-testid="overlaps">
          {report.overlaps.length === 0
            ? 'No voxel was changed differently by both.'
            : changes(report.overlaps)}
        </dd>
      </dl>
      {report.overlaps.length > 0 && (
        <fieldset className="strokes-winner">
          <legend>Where both changed a voxel</legend>
          {(['mine', 'theirs'] as const).map((side) => (
            <label key={side}>
              <input type="radio" name="winner" checked={winner === side} onChange={() => choose(side)} />
              {side === 'mine' ? 'mine stands' : 'theirs stands'}
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}

function changes(changed: readonly Changed[]): string {
  if (changed.length === 0) return 'nothing';
  const voxels = changed.reduce((sum, slice) => sum + slice.voxels, 0);
  return `${plural(voxels, 'voxel')} on ${slicesIn(changed.map(({ z }) => z))}`;
}

/** Slices by index, in words as people count them. */
export function slicesIn(indices: readonly number[]): string {
  const numbers = [...indices].sort((a, b) => a - b).map((z) => z + 1);
  if (numbers.length === 1) return `slice ${numbers[0] ?? ''}`;
  if (numbers.length <= 4) return `slices ${numbers.join(', ')}`;
  return `${numbers.length} slices between ${numbers[0] ?? ''} and ${numbers.at(-1) ?? ''}`;
}
