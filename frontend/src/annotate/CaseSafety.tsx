import { AppWindow, HardDrive, MonitorX, RefreshCw } from 'lucide-react';
import { useEffect, useRef } from 'react';

import type { Task } from '../api';
import { ago, Button } from '../ui';
import { Banner } from './Banners';
import type { Desk } from './desk';
import { LeaveGuard } from './LeaveGuard';
import type { Saving } from './saving';
import { SavingTrouble } from './SavingTrouble';
import { useKeptStrokes } from './useKeptStrokes';
import type { OpenedLock } from './useCaseLock';
import type { OpenedMask } from './useSaving';
import { useNewerRevision } from './useNewerRevision';
import { slicesIn } from './StrokesDialog';

interface SafetyProps {
  task: Task;
  userId: number;
  desk: Desk | null;
  mask: OpenedMask;
  lock: OpenedLock;
  /** The graphics card took the pictures away. */
  lost: boolean;
  reopen: () => void;
  /** The case is to be read again from the server, task and mask. */
  reload: () => void;
}

/** Everything that stands between what is drawn and its safety, each with the way out. */
export function CaseSafety({ task, userId, desk, mask, lock, lost, reopen, reload }: SafetyProps) {
  const mayDraw = task.actions.includes('save');
  const { saving } = mask;
  return (
    <>
      {mayDraw && lock.tab === 'elsewhere' && <OtherTab takeOver={lock.takeOver} />}
      {lost && <LostPictures saving={saving} reopen={reopen} />}
      {saving !== null && <SavingTrouble saving={saving} reload={reload} />}
      {saving !== null && <LeaveGuard saving={saving} />}
      {saving === null && desk !== null && mask.revision !== null && (
        <>
          {!mayDraw && <KeptStrokes userId={userId} taskId={task.id} sliceSize={desk.sliceSize} />}
          <NewerRevision task={task} shown={mask.revision} reload={reload} />
        </>
      )}
    </>
  );
}

function OtherTab({ takeOver }: { takeOver: () => void }) {
  return (
    <Banner tone="warn" icon={<AppWindow size={16} />}>
      <strong>This case is open in another tab.</strong> Here it can only be looked at.{' '}
      <Button size="small" onClick={takeOver}>
        Take over here
      </Button>
    </Banner>
  );
}

/** Saves, and then opens the case anew; once by itself, and after that when told to. */
function LostPictures({ saving, reopen }: { saving: Saving | null; reopen: () => void }) {
  const tried = useRef(false);
  useEffect(() => {
    if (tried.current || !mayReopenByItself()) return;
    tried.current = true;
    const patience = new Promise((resolve) => setTimeout(resolve, SAVE_FIRST_MS));
    const saved = saving?.flush().catch(() => null) ?? Promise.resolve();
    void Promise.race([saved, patience]).then(reopen);
  }, [saving, reopen]);
  return (
    <Banner tone="warn" icon={<MonitorX size={16} />}>
      <strong>The graphics card took the pictures away.</strong> Your strokes are kept.{' '}
      <Button size="small" onClick={reopen}>
        Open again
      </Button>
    </Banner>
  );
}

const SAVE_FIRST_MS = 3_000;
const CALM_MS = 30_000;
let lastReopened = -Infinity;

/** Not over and over where the card loses the pictures each time. */
function mayReopenByItself(): boolean {
  const calm = performance.now() - lastReopened > CALM_MS;
  if (calm) lastReopened = performance.now();
  return calm;
}

interface KeptProps {
  userId: number;
  taskId: number;
  sliceSize: number;
}

/** Strokes that were never saved, in a case that the user may not draw in any more. */
function KeptStrokes(props: KeptProps) {
  const draft = useKeptStrokes(props);
  if (draft === null) return null;
  return (
    <Banner tone="warn" icon={<HardDrive size={16} />}>
      Strokes of yours on {slicesIn([...draft.slices.keys()])}, drawn {ago(draft.keptAt.toISOString())}, are
      not on the server. They are kept in this browser and offered back when you may draw in this case again.
    </Banner>
  );
}

interface NewerProps {
  task: Task;
  /** Revision on the screen. */
  shown: number;
  reload: () => void;
}

/** Told to those who look while somebody else draws. */
function NewerRevision({ task, shown, reload }: NewerProps) {
  const newest = useNewerRevision(task, shown);
  if (newest === null) return null;
  return (
    <Banner tone="info" icon={<RefreshCw size={16} />}>
      {newest.author ?? newest.source} saved revision {newest.number} {ago(newest.created_at)}; you see{' '}
      {shown === 0 ? 'the empty case' : `revision ${shown}`}.{' '}
      <Button size="small" onClick={reload}>
        Show the newest
      </Button>
    </Banner>
  );
}
