import { useCallback, useEffect, useState } from 'react';
import { useStore } from 'zustand';

import { readMask } from './masks';
import type { Desk } from './desk';
import { Saving, type SavingState } from './saving';

export interface OpenedMask {
  /** Null while the mask is on its way, and where it may only be looked at. */
  saving: Saving | null;
  /** Revision on the desk, null while it is on its way. */
  revision: number | null;
  failure: unknown;
  retry: () => void;
}

const NOTHING = { saving: null, revision: null, failure: null };

/** Puts the newest mask of a task on the desk, and saves what is drawn where the user may draw. */
export function useSaving(desk: Desk | null, taskId: number, userId: number, editable: boolean): OpenedMask {
  const [opened, setOpened] = useState<Omit<OpenedMask, 'retry'>>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!desk) return undefined;
    let gone = false;
    let saving: Saving | null = null;
    const open = async (): Promise<void> => {
      const [mask] = await Promise.all([readMask(taskId, desk.sliceSize), desk.opened]);
      if (gone || desk.viewer.closed) return;
      desk.loadMask(mask.slices);
      if (editable) {
        saving = new Saving(desk, userId, taskId, mask);
        await saving.findDraft();
      }
      setOpened({ saving, revision: mask.revision, failure: null });
      desk.setEditable(editable);
    };
    open().catch((failure: unknown) => {
      if (!gone) setOpened({ ...NOTHING, failure });
    });
    return () => {
      gone = true;
      saving?.close();
      desk.setEditable(false);
      setOpened(NOTHING);
    };
  }, [desk, taskId, userId, editable, attempt]);
  const retry = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...opened, retry };
}

export function useSavingState<Part>(saving: Saving, part: (state: SavingState) => Part): Part {
  return useStore(saving.store, part);
}
