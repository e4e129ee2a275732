import { CircleAlert, HardDrive, Layers } from 'lucide-react';

import { ago, Button } from '../ui';
import { Banner } from './Banners';
import type { DraftTrouble } from './drafts';
import type { Offer } from './offers';
import type { Saving } from './saving';
import { type SaveState, sentence } from './saveStates';
import { slicesIn, StrokesDialog } from './StrokesDialog';
import { useSavingState } from './useSaving';

interface TroubleProps {
  saving: Saving;
  /** The case is to be read again from the server, task and mask. */
  reload: () => void;
}

/** What stands between the strokes and the server, with the way out. */
export function SavingTrouble({ saving, reload }: TroubleProps) {
  const save = useSavingState(saving, (state) => state.save);
  const offer = useSavingState(saving, (state) => state.offer);
  const trouble = useSavingState(saving, (state) => state.trouble);
  return (
    <>
      {save.kind === 'refused' && <Refused save={save} reload={reload} />}
      {save.kind === 'conflict' && offer?.conflict == null && <Unmet saving={saving} save={save} />}
      {trouble !== null && <NoDrafts trouble={trouble} />}
      {offer?.later === true && <PutOff saving={saving} offer={offer} />}
      {offer?.later === false && <StrokesDialog saving={saving} offer={offer} />}
    </>
  );
}

function Refused({ save, reload }: { save: SaveState; reload: () => void }) {
  return (
    <Banner tone="bad" icon={<CircleAlert size={16} />}>
      <strong>The strokes were not taken.</strong> {sentence(save)} They are kept in this browser.{' '}
      <Button size="small" onClick={reload}>
        Load the newest
      </Button>
    </Banner>
  );
}

/** Somebody saved meanwhile, and what they saved has not come yet. */
function Unmet({ saving, save }: { saving: Saving; save: SaveState }) {
  return (
    <Banner tone="bad" icon={<CircleAlert size={16} />}>
      <strong>This case was changed elsewhere.</strong> {sentence(save)}{' '}
      <Button size="small" onClick={() => saving.retry()}>
        Compare
      </Button>
    </Banner>
  );
}

const NO_DRAFTS: Record<DraftTrouble, string> = {
  full: 'The storage of this browser is full.',
  unavailable: 'This browser keeps nothing for this page, as in some private windows.',
};

function NoDrafts({ trouble }: { trouble: DraftTrouble }) {
  return (
    <Banner tone="warn" icon={<HardDrive size={16} />}>
      <strong>Strokes are kept on the server only.</strong> {NO_DRAFTS[trouble]} Close this page only when it
      says “Saved”.
    </Banner>
  );
}

function PutOff({ saving, offer }: { saving: Saving; offer: Offer }) {
  return (
    <Banner tone="info" icon={<Layers size={16} />}>
      Strokes of yours on {slicesIn([...offer.slices.keys()])}, drawn {ago(offer.keptAt.toISOString())}, are
      kept in this browser.{' '}
      <Button size="small" onClick={() => saving.offers.ask()}>
        Take them back…
      </Button>
    </Banner>
  );
}
