import { describe, expect, it } from 'vitest';

import { missingAreas, roomiest } from './missing';

const SHAPE = [10, 6, 8] as const;

describe('what has not arrived', () => {
  it('is nothing once every slice is there', () => {
    for (const axis of [0, 1, 2] as const) expect(missingAreas([], SHAPE, axis, 3)).toEqual([]);
  });

  it.each([
    [3, 0],
    [4, 1],
    [7, 1],
    [8, 0],
  ])('covers the whole of slice %i of the main plane when it is one of them', (shown, areas) => {
    expect(missingAreas([[4, 8]], SHAPE, 0, shown)).toHaveLength(areas);
  });

  it('goes to the edges of the outer voxels', () => {
    expect(missingAreas([[4, 8]], SHAPE, 0, 5)).toEqual([
      [
        [5, -0.5, -0.5],
        [5, -0.5, 7.5],
        [5, 5.5, 7.5],
        [5, 5.5, -0.5],
      ],
    ]);
  });

  it('is a band for each gap on a plane across the slices', () => {
    const gaps = [
      [0, 2],
      [5, 10],
    ] as const;
    expect(missingAreas(gaps, SHAPE, 1, 4)[0]).toEqual([
      [-0.5, 4, -0.5],
      [-0.5, 4, 7.5],
      [1.5, 4, 7.5],
      [1.5, 4, -0.5],
    ]);
    expect(missingAreas(gaps, SHAPE, 2, 6)[1]).toEqual([
      [4.5, -0.5, 6],
      [4.5, 5.5, 6],
      [9.5, 5.5, 6],
      [9.5, -0.5, 6],
    ]);
  });
});

describe('words about what is missing', () => {
  it('stand in the middle of the largest area', () => {
    const square = (x: number, y: number, side: number) =>
      [
        [x, y],
        [x + side, y],
        [x + side, y + side],
        [x, y + side],
      ] as const;
    expect(roomiest([square(0, 0, 2), square(10, 20, 8), square(50, 50, 3)])).toEqual([14, 24]);
  });
});
