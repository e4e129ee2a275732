import { expect, it } from 'vitest';

import { labelChanges } from './labelChanges';

it('a voxel that changes its label is lost by one and gained by the other', () => {
  const before = new Map([[1, Uint8Array.of(5, 5, 0, 6)]]);
  const after = new Map([
    [1, Uint8Array.of(5, 6, 6, 0)],
    [2, Uint8Array.of(5, 0, 0, 0)],
  ]);
  expect(labelChanges(before, after)).toEqual([
    { label: 5, gained: 1, lost: 1 },
    { label: 6, gained: 2, lost: 1 },
  ]);
  expect(labelChanges(after, after)).toEqual([]);
});
