import { useCallback, useEffect, useState } from 'react';

import type { Desk } from '../annotate/desk';
import { type ReadMask, readMask } from '../annotate/masks';
import { difference, type DifferenceCounts } from '../viewer';
import type { Since } from './changes';

interface Shown {
  /** The newest mask, as it was when the page was opened. */
  mask: ReadMask | null;
  /** Voxels that differ, while a difference is shown. */
  counts: DifferenceCounts | null;
  failure: unknown;
}

const NOTHING: Shown = { mask: null, counts: null, failure: null };

/** Puts the newest mask of a task on the desk, or what changed in it since a revision. */
export function useMaskOnDesk(
  desk: Desk | null,
  taskId: number,
  since: Since | null,
): Shown & { retry: () => void } {
  const [shown, setShown] = useState(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const { mask } = shown;
  useEffect(() => {
    if (!desk) return undefined;
    let gone = false;
    const show = async (): Promise<void> => {
      const [after] = await Promise.all([mask ?? readMask(taskId, desk.sliceSize), desk.opened]);
      const before = since && (await readMask(taskId, desk.sliceSize, since.revision));
      if (gone || desk.viewer.closed) return;
      const compared = before && difference(before.slices, after.slices);
      desk.loadMask(after.slices, compared?.slices);
      setShown({ mask: after, counts: compared?.counts ?? null, failure: null });
    };
    show().catch((failure: unknown) => {
      if (!gone) setShown((now) => ({ ...now, failure }));
    });
    return () => {
      gone = true;
    };
    // The mask is read once and then only compared: that it arrived is no reason to show it again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [desk, taskId, since, attempt]);
  const retry = useCallback(() => {
    setShown(NOTHING);
    setAttempt((n) => n + 1);
  }, []);
  return { ...shown, retry };
}
