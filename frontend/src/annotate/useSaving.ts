import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';

import { readMask } from './masks';
import type { Desk } from './desk';
import type { Draft } from './drafts';
import { Saving, type SavingState } from './saving';

export interface OpenedMask {
  /** Null while the mask is on its way, and where it may only be looked at. */
  saving: Saving | null;
  /** Revision on the desk, null while it is on its way. */
  revision: number | null;
  failure: unknown;
  /** Read the newest mask; strokes that are not saved are offered back. */
  retry: () => void;
}

const NOTHING = { saving: null, revision: null, failure: null };

/**
 * Puts the newest mask of a task on the desk, and saves what is drawn where the user may draw; editable is null while
 * that is not known. Strokes that only a desk has are put on the one that follows it.
 */
export function useSaving(
  desk: Desk | null,
  taskId: number,
  userId: number,
  editable: boolean | null,
): OpenedMask {
  const [opened, setOpened] = useState<Omit<OpenedMask, 'retry'>>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const carried = useRef<Draft | null>(null);
  useEffect(() => {
    if (!desk || editable === null) return undefined;
    let gone = false;
    const isGone = (): boolean => gone; // it changes while what is awaited comes
    let saving: Saving | null = null;
    const open = async (): Promise<void> => {
      const [mask] = await Promise.all([readMask(taskId, desk.sliceSize), desk.opened]);
      if (isGone() || desk.viewer.closed) return;
      desk.loadMask(mask.slices);
      if (editable) {
        saving = new Saving(desk, userId, taskId, mask);
        desk.setEditable(true);
        if (carried.current) await saving.offers.resume(carried.current);
        else await saving.offers.find();
        carried.current = null;
        if (isGone()) return;
      }
      setOpened({ saving, revision: mask.revision, failure: null });
    };
    open().catch((failure: unknown) => {
      if (!gone) setOpened({ ...NOTHING, failure });
    });
    return () => {
      gone = true;
      carried.current = (desk.viewer.pictures.lost ? saving?.unsaved() : null) ?? carried.current;
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
