import { expect, test } from 'vitest';

import { planeWords } from './planes';

/** An affine whose slices follow one another along (x, y, z) in LPS. */
const along = (x: number, y: number, z: number) => [
  [x, 0, 1, 0],
  [y, 1, 0, 0],
  [z, 0, 0, 0],
  [0, 0, 0, 1],
];

test('slices one above the other are axial, one behind the other coronal, side by side sagittal', () => {
  expect([along(0, 0, 2), along(0, 0, -2), along(0, 3, 0), along(-1, 0, 0)].map(planeWords)).toEqual([
    'axial',
    'axial',
    'coronal',
    'sagittal',
  ]);
});

test('a turned stack is named after the plane that it is nearest to', () => {
  const tilted = (degrees: number) => {
    const angle = (degrees * Math.PI) / 180;
    return along(0, Math.sin(angle), Math.cos(angle));
  };
  expect([0.6, 12, 44, 46].map((degrees) => planeWords(tilted(degrees)))).toEqual([
    'axial',
    'axial, 12° oblique',
    'axial, 44° oblique',
    'coronal, 44° oblique',
  ]);
});
