import { describe, expect, it } from 'vitest';

import { ball, labelled, sizeOf, sumOver } from './region';

describe('the region of a curve', () => {
  it('is one voxel for a ball of no size', () => {
    const region = ball([2, 3, 4], 0, [5, 6, 7], [1, 1, 1]);
    expect([...region]).toEqual([[2, Uint32Array.of(3 * 7 + 4)]]);
  });

  it('is a ball in mm, whatever the spacing', () => {
    const region = ball([4, 8, 8], 2, [9, 17, 17], [2, 1, 1]);
    expect([...region.keys()]).toEqual([3, 4, 5]);
    expect(region.get(3)).toHaveLength(1);
    expect(region.get(4)).toHaveLength(13); // x² + y² ≤ 4
    expect(sizeOf(region)).toBe(15);
  });

  it('ends at the edge of the volume', () => {
    expect(sizeOf(ball([0, 0, 0], 1, [3, 3, 3], [1, 1, 1]))).toBe(4);
  });

  it('is where a label is drawn', () => {
    const mask = [Uint8Array.of(0, 5, 5), Uint8Array.of(1, 0, 0), Uint8Array.of(5, 0, 1)];
    const region = labelled(5, [0, 1, 2], (z) => mask[z] ?? new Uint8Array());
    expect([...region]).toEqual([
      [0, Uint32Array.of(1, 2)],
      [2, Uint32Array.of(0)],
    ]);
    expect(sumOver(Int16Array.of(9, -10, 30), region.get(0) ?? new Uint32Array())).toBe(20);
  });
});
