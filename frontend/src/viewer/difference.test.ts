import { expect, it } from 'vitest';

import { DIFFERENCE, difference } from './difference';

const { unchanged, added, removed, relabelled } = DIFFERENCE;

it('the difference of two masks shows what was added, removed and relabelled, and what stayed', () => {
  const before = new Map([
    [1, Uint8Array.of(0, 1, 2, 3)],
    [2, Uint8Array.of(4, 4, 0, 0)],
  ]);
  const after = new Map([
    [1, Uint8Array.of(5, 0, 7, 3)],
    [3, Uint8Array.of(0, 0, 6, 0)],
  ]);
  const { slices, counts } = difference(before, after);
  expect(slices).toEqual(
    new Map([
      [1, Uint8Array.of(added, removed, relabelled, unchanged)],
      [2, Uint8Array.of(removed, removed, 0, 0)],
      [3, Uint8Array.of(0, 0, added, 0)],
    ]),
  );
  expect(counts).toEqual({ added: 2, removed: 3, relabelled: 1 });
});
