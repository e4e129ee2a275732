/** What panes do together. */
import type { PaneId, PaneSpec } from './paneSpec';

export interface Links {
  /** Panes of one plane show the same slice. */
  scroll: boolean;
  /** Panes of one plane show the same part of it. */
  view: boolean;
}

/** The panes that show the same plane as a pane, without it. */
export function companions(specs: readonly PaneSpec[], id: PaneId): PaneId[] {
  const plane = specs.find((spec) => spec.id === id)?.plane;
  return specs.filter((spec) => spec.plane === plane && spec.id !== id).map((spec) => spec.id);
}

/** Whether a pane, while scrolling is not linked, moves the plane itself rather than a slice of its own. */
export function leads(specs: readonly PaneSpec[], id: PaneId): boolean {
  const plane = specs.find((spec) => spec.id === id)?.plane;
  return specs.find((spec) => spec.plane === plane)?.id === id;
}
