import { describe, expect, it } from 'vitest';

import { LabelCounts } from './counts';

function counted(slices: readonly number[][]) {
  const reads: number[] = [];
  const counts = new LabelCounts(slices.length, 3, (z) => {
    reads.push(z);
    return Uint8Array.from(slices[z] ?? []);
  });
  counts.refresh();
  reads.length = 0;
  return { counts, reads };
}

describe('the counts of labels', () => {
  it('follow what is drawn', () => {
    const slices = [new Uint8Array(8), new Uint8Array(8), new Uint8Array(8)];
    const counts = new LabelCounts(3, 9, (z) => slices[z] ?? new Uint8Array());
    expect(counts.refresh()).toBe(true);
    slices[0]?.fill(5, 0, 3);
    slices[2]?.fill(5, 0, 1).fill(9, 4);
    counts.touch([0, 2]);
    expect(counts.refresh()).toBe(true);
    expect([counts.totals()[5], counts.totals()[9], counts.totals()[0]]).toEqual([4, 4, 16]);
    expect([counts.labelsIn(0), counts.labelsIn(1), counts.labelsIn(2)]).toEqual([[5], [], [5, 9]]);
  });

  it('read only the slices that were touched', () => {
    const slices = [
      [0, 1],
      [2, 2],
      [0, 0],
    ];
    const { counts, reads } = counted(slices);
    slices[2] = [3, 1];
    counts.touch([2]);
    expect(counts.refresh()).toBe(true);
    expect(reads).toEqual([2]);
    expect(counts.totals()).toEqual([1, 2, 2, 1]);
    expect(counts.labelsIn(2)).toEqual([1, 3]);
  });

  it('read nothing where nothing was touched', () => {
    const { counts, reads } = counted([[0, 1]]);
    expect(counts.refresh()).toBe(false);
    expect(reads).toEqual([]);
  });

  it('stay as they are where they are told to, though slices were touched', () => {
    const slices = [[1, 1]];
    const { counts, reads } = counted(slices);
    slices[0] = [2, 2];
    counts.touch([0]);
    counts.keep();
    counts.refresh();
    expect(reads).toEqual([]);
    expect([...counts.in(0)]).toEqual([0, 2, 0, 0]);
  });
});
