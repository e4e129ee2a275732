import { useEffect, useState } from 'react';
import { useStore } from 'zustand';

import type { Label, Volume } from '../api';
import { Desk, type DeskState } from './desk';
import type { PaneSet } from './paneSet';

export interface OpenedDesk {
  desk: Desk | null;
  failure: unknown;
}

const NOTHING: OpenedDesk = { desk: null, failure: null };

/** The desk of a volume while the page shows it. */
export function useDesk(volume: Volume, labels: readonly Label[], panes: PaneSet): OpenedDesk {
  const [opened, setOpened] = useState(NOTHING);
  useEffect(() => {
    let desk: Desk | null = null;
    let gone = false;
    const open = async (): Promise<void> => {
      await Promise.resolve(); // an effect that is undone at once, as in strict mode, opens nothing
      if (gone) return;
      desk = new Desk(volume, labels, panes.all());
      setOpened({ desk, failure: null });
      await desk.open();
    };
    open().catch((failure: unknown) => {
      if (!gone) setOpened({ desk: null, failure });
    });
    return () => {
      gone = true;
      setOpened(NOTHING);
      // Whoever still keeps strokes from the desk is undone in this same turn, so that the desk goes after it.
      queueMicrotask(() => desk?.destroy());
    };
  }, [volume, labels, panes]);
  return opened;
}

/** A part of what the desk shows. */
export function useDeskState<Part>(desk: Desk, part: (state: DeskState) => Part): Part {
  return useStore(desk.store, part);
}
