import { describe, expect, it } from 'vitest';

import { differenceOf, LAYOUTS, nextLayout, panesOf } from './layouts';

const DCE = { mainPlane: 'axial', phases: [0, 1, 2] } as const;
const SINGLE = { mainPlane: 'sagittal', phases: [0] } as const;

describe('layouts', () => {
  it.each(LAYOUTS)('%s has every pane once, the first on the plane of stored slices', (layout) => {
    for (const one of [DCE, SINGLE]) {
      const panes = panesOf(layout, one);
      expect(new Set(panes.map(({ id }) => id)).size).toBe(panes.length);
      expect(panes[0]).toEqual({ id: 'a', plane: one.mainPlane, source: null, projection: null });
    }
  });

  it('shows each plane once in three panes, and the first difference beside them in four', () => {
    const planes = panesOf('three', DCE).map(({ plane }) => plane);
    expect([...planes].sort()).toEqual(['axial', 'coronal', 'sagittal']);
    expect(panesOf('four', DCE).at(-1)).toMatchObject({ plane: 'axial', source: 'phase1-phase0' });
  });

  it('compares the chosen phase with what was before contrast, after it, and their difference', () => {
    const sources = panesOf('compare', DCE).map(({ plane, source }) => [plane, source]);
    expect(sources).toEqual([
      ['axial', null],
      ['axial', 'phase0'],
      ['axial', 'phase1'],
      ['axial', 'phase1-phase0'],
    ]);
  });

  it('projects a volume that has nothing to compare with', () => {
    expect(differenceOf(SINGLE.phases)).toBeNull();
    for (const layout of ['four', 'pair', 'compare'] as const) {
      expect(panesOf(layout, SINGLE).at(-1)?.projection).toEqual({ slabMm: null });
    }
  });

  it('goes round', () => {
    const round = LAYOUTS.map((layout) => nextLayout(layout));
    expect([...round].sort()).toEqual([...LAYOUTS].sort());
  });
});
