import { expect, it } from 'vitest';

import { compareStrokes, mergeStrokes } from './merge';

it('strokes on an older revision change only the voxels that were drawn', () => {
  const base = new Map([[1, Uint8Array.of(1, 1, 0, 0)]]);
  const mine = new Map([
    [1, Uint8Array.of(1, 0, 2, 0)],
    [2, Uint8Array.of(0, 3, 0, 0)],
  ]);
  const theirs = new Map([
    [1, Uint8Array.of(5, 5, 5, 5)],
    [3, Uint8Array.of(6, 6, 6, 6)],
  ]);
  expect(mergeStrokes(base, mine, theirs)).toEqual(
    new Map([
      [1, Uint8Array.of(5, 0, 2, 5)],
      [2, Uint8Array.of(0, 3, 0, 0)],
    ]),
  );
});

const base = new Map([[1, Uint8Array.of(1, 1, 0, 0)]]);
const mine = new Map([[1, Uint8Array.of(2, 1, 2, 0)]]);
const theirs = new Map([
  [1, Uint8Array.of(3, 1, 2, 4)],
  [6, Uint8Array.of(0, 7, 7, 7)],
]);

it('where both changed a voxel, the label of the chosen side stands', () => {
  expect(mergeStrokes(base, mine, theirs, 'mine').get(1)).toEqual(Uint8Array.of(2, 1, 2, 4));
  expect(mergeStrokes(base, mine, theirs, 'theirs').get(1)).toEqual(Uint8Array.of(3, 1, 2, 4));
});

it('says how much each side changed, and where both changed the same voxels differently', () => {
  expect(compareStrokes(base, mine, theirs)).toEqual({
    mine: [{ z: 1, voxels: 2 }],
    theirs: [
      { z: 1, voxels: 3 },
      { z: 6, voxels: 3 },
    ],
    overlaps: [{ z: 1, voxels: 1 }],
  });
});

it('takes a slice that one side emptied for changed', () => {
  expect(compareStrokes(base, new Map([[1, new Uint8Array(4)]]), new Map()).overlaps).toEqual([]);
  expect(compareStrokes(base, new Map(), new Map()).theirs).toEqual([{ z: 1, voxels: 2 }]);
});
