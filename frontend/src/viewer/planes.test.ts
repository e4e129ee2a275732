import { describe, expect, it } from 'vitest';

import { type Affine, makeGrid, sideLetters, toIndex, toLps, voxelAt } from './grid';
import { planesOf, sliceCount, storedPlane } from './planes';

const AXIAL: Affine = [
  [0, 0, 0.8, -100],
  [0, 0.7, 0, -50],
  [2, 0, 0, 10],
  [0, 0, 0, 1],
];
/** Sagittal slices: columns run to posterior, rows to the feet, slices to cross(P, F) = right. */
const SAGITTAL: Affine = [
  [-3, 0, 0, 90],
  [0, 0, 1, 0],
  [0, -1, 0, 0],
  [0, 0, 0, 1],
];

function turnedAboutX(degrees: number): Affine {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [
    [0, 0, 1, 5],
    [-3 * s, 1 * c, 0, 6],
    [3 * c, 1 * s, 0, 7],
    [0, 0, 0, 1],
  ];
}

describe('a grid', () => {
  it('places voxels by its affine', () => {
    const grid = makeGrid([10, 20, 30], AXIAL);
    expect(grid.spacingZyxMm).toEqual([2, 0.7, 0.8]);
    toLps(grid, [1, 2, 3]).forEach((mm, i) => expect(mm).toBeCloseTo([-97.6, -48.6, 12][i] ?? NaN));
  });

  it.each([{ affine: AXIAL }, { affine: SAGITTAL }, { affine: turnedAboutX(20) }])(
    'finds the index of every position it gives',
    ({ affine }) => {
      const grid = makeGrid([10, 20, 30], affine);
      toIndex(grid, toLps(grid, [4, 5.5, 6])).forEach((n, i) => expect(n).toBeCloseTo([4, 5.5, 6][i] ?? NaN));
    },
  );

  it('knows no voxel outside itself', () => {
    const grid = makeGrid([10, 20, 30], AXIAL);
    expect(voxelAt(grid, toLps(grid, [9.4, 0, 29]))).toEqual([9, 0, 29]);
    expect(voxelAt(grid, toLps(grid, [9.6, 0, 29]))).toBeNull();
  });

  it('refuses an affine with a flat axis', () => {
    expect(() => makeGrid([1, 1, 1], [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])).toThrow(RangeError); // prettier-ignore
  });
});

describe('side letters', () => {
  it('name the axes of LPS', () => {
    expect([sideLetters([1, 0, 0]), sideLetters([0, -1, 0]), sideLetters([0, 0, -1])]).toEqual([
      'L',
      'A',
      'F',
    ]);
  });
  it('name both sides of an oblique direction, the nearer first', () => {
    expect(sideLetters([0.5, 0, 0.86])).toBe('HL');
  });
});

describe('the planes of a grid', () => {
  it('show an axial volume with anterior up and the left side right', () => {
    const planes = planesOf(makeGrid([10, 20, 30], AXIAL));
    expect(planes.axial.letters).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
    expect(planes.sagittal.letters).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' });
    expect(planes.coronal.letters).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' });
    expect(planes.axial.normal.map((n) => n + 0)).toEqual([0, 0, -1]);
  });

  it('scroll each array axis once, wherever slices were stored', () => {
    const grid = makeGrid([10, 20, 30], SAGITTAL);
    const planes = planesOf(grid);
    expect(storedPlane(planes)).toBe('sagittal');
    expect([planes.axial.axis, planes.sagittal.axis, planes.coronal.axis]).toEqual([1, 0, 2]);
    expect(sliceCount(grid, planes.coronal)).toBe(30);
  });

  it('stay on the slices of an oblique volume', () => {
    const grid = makeGrid([10, 20, 30], turnedAboutX(20));
    const { axial } = planesOf(grid);
    expect(axial.axis).toBe(0);
    expect(axial.letters.top).toBe('AF');
  });
});
