import { expect, it } from 'vitest';

import { mergeStrokes } from './merge';

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
