import { CircleAlert } from 'lucide-react';

import { ago, Button, Dialog, toast } from '../ui';
import { explain } from '../api';
import type { SaveState } from './autosave';
import { Banner } from './Banners';
import type { Draft } from './drafts';
import type { Saving } from './saving';
import { sentence } from './autosave';
import { useSavingState } from './useSaving';

interface TroubleProps {
  saving: Saving;
  /** The case is to be read again from the server, task and mask. */
  reload: () => void;
}

/** What stands between the strokes and the server, with the way out. */
export function SavingTrouble({ saving, reload }: TroubleProps) {
  const save = useSavingState(saving, (state) => state.save);
  const draft = useSavingState(saving, (state) => state.draft);
  const revision = useSavingState(saving, (state) => state.revision);
  return (
    <>
      {(save.kind === 'conflict' || save.kind === 'refused') && <Stopped save={save} reload={reload} />}
      {draft !== null && <DraftOffer saving={saving} draft={draft} revision={revision} />}
    </>
  );
}

function Stopped({ save, reload }: { save: SaveState; reload: () => void }) {
  return (
    <Banner tone="bad" icon={<CircleAlert size={16} />}>
      <strong>
        {save.kind === 'conflict' ? 'This case was changed elsewhere.' : 'The strokes were not taken.'}
      </strong>{' '}
      {sentence(save)} Load the newest mask; your strokes are then offered back.{' '}
      <Button size="small" onClick={reload}>
        Load the newest
      </Button>
    </Banner>
  );
}

interface DraftOfferProps {
  saving: Saving;
  draft: Draft;
  revision: number;
}

/** Strokes of an earlier visit, to be taken back or thrown away; closing it takes them back, so that none is lost. */
function DraftOffer({ saving, draft, revision }: DraftOfferProps) {
  const tell = (error: unknown): void => toast.bad(explain(error).title);
  const discard = (): void => void saving.discardDraft().catch(tell);
  const restore = (): void => void saving.restoreDraft().catch(tell);
  const footer = (
    <>
      <Button kind="danger" onClick={discard}>
        Throw them away
      </Button>
      <Button kind="primary" onClick={restore}>
        Take them back
      </Button>
    </>
  );
  const moved = draft.base !== revision;
  return (
    <Dialog open onClose={restore} title="Unsaved strokes were found" footer={footer}>
      <p>
        This browser kept strokes on {slicesOf(draft)} that the server does not have, drawn{' '}
        {ago(draft.keptAt.toISOString())}.
      </p>
      {moved && (
        <p>
          The case has been saved since (revision {revision}, the strokes are from {draft.base}). Taking them
          back changes only the voxels that you drew.
        </p>
      )}
    </Dialog>
  );
}

function slicesOf({ slices }: Draft): string {
  const numbers = [...slices.keys()].sort((a, b) => a - b).map((z) => z + 1);
  if (numbers.length === 1) return `slice ${numbers[0] ?? ''}`;
  if (numbers.length <= 4) return `slices ${numbers.join(', ')}`;
  return `${numbers.length} slices between ${numbers[0] ?? ''} and ${numbers.at(-1) ?? ''}`;
}
