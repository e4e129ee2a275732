import { useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';

import type { Label, Volume } from '../api';
import { Desk, type DeskState } from './desk';
import type { PaneSet } from './paneSet';
import { recall } from './recall';

export interface OpenedDesk {
  desk: Desk | null;
  failure: unknown;
  /** The graphics card took the pictures away; the mask is still on the desk. */
  lost: boolean;
  /** Open the case anew where it was, after the pictures were lost. */
  reopen: () => void;
}

const NOTHING = { desk: null, failure: null, lost: false };

/** The desk of a volume while the page shows it. */
export function useDesk(volume: Volume, labels: readonly Label[], panes: PaneSet): OpenedDesk {
  const [opened, setOpened] = useState<Omit<OpenedDesk, 'reopen'>>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const before = useRef<DeskState | null>(null);
  useEffect(() => {
    let desk: Desk | null = null;
    let gone = false;
    const open = async (): Promise<void> => {
      await Promise.resolve(); // an effect that is undone at once, as in strict mode, opens nothing
      if (gone) return;
      const opening = new Desk(volume, labels, panes.all());
      desk = opening;
      opening.viewer.pictures.onLost(() => {
        before.current = opening.state;
        setOpened((now) => ({ ...now, lost: true }));
      });
      setOpened({ ...NOTHING, desk });
      await desk.open();
      if (before.current) await recall(desk, before.current);
      before.current = null;
    };
    open().catch((failure: unknown) => {
      if (!gone) setOpened({ ...NOTHING, failure });
    });
    return () => {
      gone = true;
      setOpened(NOTHING);
      // Whoever still keeps strokes from the desk is undone in this same turn, so that the desk goes after it.
      queueMicrotask(() => desk?.destroy());
    };
  }, [volume, labels, panes, attempt]);
  const reopen = useCallback(() => setAttempt((n) => n + 1), []);
  return { ...opened, reopen };
}

/** A part of what the desk shows. */
export function useDeskState<Part>(desk: Desk, part: (state: DeskState) => Part): Part {
  return useStore(desk.store, part);
}
