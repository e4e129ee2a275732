/** What a pane shows, as plain values. */
import type { PlaneName } from './planes';

/** The places in which pictures stand. The first is the largest. */
export const PANE_IDS = ['a', 'b', 'c', 'd'] as const;
export type PaneId = (typeof PANE_IDS)[number];

/** A maximum intensity projection across a slab, or across everything where no thickness is given. */
export interface Projection {
  slabMm: number | null;
}

export interface PaneSpec {
  id: PaneId;
  plane: PlaneName;
  /** Key of a source, or null for the one that is chosen for all panes. */
  source: string | null;
  projection: Projection | null;
}

/** A pane by its name, or the first one that shows a plane. */
export type PaneRef = PaneId | PlaneName;

export function isPaneId(ref: PaneRef): ref is PaneId {
  return (PANE_IDS as readonly string[]).includes(ref);
}

/** Whether a pane can go from one to the other without being made anew. */
export function sameView(a: PaneSpec, b: PaneSpec): boolean {
  return a.id === b.id && a.plane === b.plane && (a.projection === null) === (b.projection === null);
}
