import { describe, expect, it } from 'vitest';

import { brightest } from './brightest';
import { companions, leads } from './linking';
import { type PaneSpec, sameView } from './paneSpec';

const pane = (id: PaneSpec['id'], plane: PaneSpec['plane']): PaneSpec => ({
  id,
  plane,
  source: null,
  projection: null,
});
const PANES = [pane('a', 'axial'), pane('b', 'sagittal'), pane('c', 'axial'), pane('d', 'axial')];

describe('panes', () => {
  it('go together with those of their plane', () => {
    expect(companions(PANES, 'c')).toEqual(['a', 'd']);
    expect(companions(PANES, 'b')).toEqual([]);
  });

  it('are led by the first of their plane', () => {
    expect(PANES.map(({ id }) => leads(PANES, id))).toEqual([true, true, false, false]);
  });

  it('stay for another source and another thickness, not for another plane or for a projection', () => {
    const one = pane('a', 'axial');
    expect(sameView(one, { ...one, source: 'dce_in' })).toBe(true);
    expect(sameView(one, { ...one, plane: 'coronal' })).toBe(false);
    const projected = { ...one, projection: { slabMm: 10 } };
    expect(sameView(one, projected)).toBe(false);
    expect(sameView(projected, { ...one, projection: { slabMm: null } })).toBe(true);
  });
});

describe('the brightest voxel of a projection', () => {
  const SHAPE = [4, 2, 3] as const;
  const slices = [1, 5, 9, 2].map((value) => new Int16Array(6).fill(value));

  it('lies where the highest value is along the axis', () => {
    expect(brightest((z) => slices[z] ?? null, [...SHAPE], [0, 1, 2], 0, Infinity)).toEqual([2, 1, 2]);
  });

  it('lies within the slab', () => {
    expect(brightest((z) => slices[z] ?? null, [...SHAPE], [0, 1, 2], 0, 1)).toEqual([1, 1, 2]);
  });

  it('is looked for among what has arrived', () => {
    expect(brightest((z) => (z === 2 ? null : (slices[z] ?? null)), [...SHAPE], [0, 0, 0], 0, 9)).toEqual([
      1, 0, 0,
    ]);
  });
});
