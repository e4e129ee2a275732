/** The layouts of the stage, as plain values. */
import { PLANES, phaseKey } from '../viewer';
import type { PaneId, PaneSpec, PlaneName } from '../viewer';

export const LAYOUTS = ['one', 'three', 'four', 'pair', 'compare'] as const;
export type Layout = (typeof LAYOUTS)[number];

export const LAYOUT_NAMES: Record<Layout, string> = {
  one: 'One plane',
  three: 'Three planes',
  four: 'Three planes and one more',
  pair: 'Two side by side',
  compare: 'Four side by side',
};

export interface LayoutCase {
  /** The plane of stored slices. */
  mainPlane: PlaneName;
  /** Indices of the phases, in order. */
  phases: readonly number[];
}

/** Panes of a layout as it opens: the first follows the phase that is chosen, others compare with it. */
export function panesOf(layout: Layout, { mainPlane, phases }: LayoutCase): PaneSpec[] {
  const [first, second] = PLANES.filter((plane) => plane !== mainPlane);
  const main = pane('a', mainPlane);
  const planes = [main, pane('b', first ?? mainPlane), pane('c', second ?? mainPlane)];
  const projected: PaneSpec = { ...pane('d', mainPlane), projection: { slabMm: null } };
  const difference = differenceOf(phases);
  const free = difference === null ? projected : pane('d', mainPlane, difference);
  const compared = phases
    .slice(0, 2)
    .map((index, n) => pane(n === 0 ? 'b' : 'c', mainPlane, phaseKey(index)));
  switch (layout) {
    case 'one':
      return [main];
    case 'three':
      return planes;
    case 'four':
      return [...planes, free];
    case 'pair':
      return [main, { ...(difference === null ? projected : (compared[0] ?? projected)), id: 'b' }];
    case 'compare':
      return difference === null ? [...planes, projected] : [main, ...compared, free];
  }
}

function pane(id: PaneId, plane: PlaneName, source: string | null = null): PaneSpec {
  return { id, plane, source, projection: null };
}

/** The next layout, round and round. */
export function nextLayout(layout: Layout): Layout {
  return LAYOUTS[(LAYOUTS.indexOf(layout) + 1) % LAYOUTS.length] ?? 'one';
}

/** Key of the first later phase less the first one, where there are two. */
export function differenceOf(phases: readonly number[]): string | null {
  const [first, second] = phases;
  return first === undefined || second === undefined ? null : `${phaseKey(second)}-${phaseKey(first)}`;
}
