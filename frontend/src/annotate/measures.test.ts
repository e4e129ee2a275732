import { expect, it } from 'vitest';

import { inkOn } from './colours';
import { millilitres } from './measures';

it('a volume is told in millilitres with three figures or so', () => {
  const grid = { spacing_zyx_mm: [2, 1, 1] };
  expect([0, 1, 200, 5_120, 60_000, 159_100].map((voxels) => millilitres(grid, voxels))).toEqual([
    '0.00 ml',
    '< 0.01 ml',
    '0.40 ml',
    '10.2 ml',
    '120 ml',
    '318 ml',
  ]);
});

it('ink stands out from the colour under it', () => {
  expect(['#ffeb33', '#cc1814', '#6f53c2', '#fef9f2'].map(inkOn)).toEqual(['#000', '#fff', '#fff', '#000']);
});
