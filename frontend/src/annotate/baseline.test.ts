import { describe, expect, it } from 'vitest';

import { equal, isEmpty } from '../viewer/words';
import { Baseline } from './baseline';

/** A mask of three slices of `size` pixels that tests draw on. */
function mask(size: number): { slices: Uint8Array[]; read: (z: number) => Uint8Array } {
  const slices = [0, 1, 2].map(() => new Uint8Array(size));
  return { slices, read: (z) => slices[z] ?? new Uint8Array(size) };
}

describe.each([{ size: 8 }, { size: 7 }])('the baseline of slices of $size pixels', ({ size }) => {
  it('finds the slices that were drawn in, and copies them', () => {
    const { slices, read } = mask(size);
    const baseline = new Baseline(3, read);
    slices[1]?.fill(4, 2, 3);
    baseline.touch([1]);
    const changed = baseline.changed();
    expect([...changed.keys()]).toEqual([1]);
    slices[1]?.fill(9);
    expect(changed.get(1)?.[2]).toBe(4);
  });

  it('finds a slice that was emptied', () => {
    const { read } = mask(size);
    const baseline = new Baseline(3, read);
    baseline.reset(new Map([[2, new Uint8Array(size).fill(1)]]));
    baseline.touch([2]);
    expect([...baseline.changed()]).toEqual([[2, new Uint8Array(size)]]);
  });

  it('finds nothing once the server has acknowledged', () => {
    const { slices, read } = mask(size);
    const baseline = new Baseline(3, read);
    slices[0]?.fill(1);
    baseline.touch([0]);
    baseline.acknowledge(baseline.changed());
    expect(baseline.changed().size).toBe(0);
  });

  it('looks everywhere when it is not told where', () => {
    const { slices, read } = mask(size);
    const baseline = new Baseline(3, read);
    slices[0]?.fill(1);
    slices[2]?.fill(1);
    baseline.touch([]);
    expect([...baseline.changed().keys()]).toEqual([0, 2]);
  });

  it('reads no slice that nobody touched', () => {
    const seen: number[] = [];
    const baseline = new Baseline(3, (z) => (seen.push(z), new Uint8Array(size)));
    baseline.touch([1]);
    baseline.changed();
    expect(seen).toEqual([1]);
  });

  it('finds a stroke that was undone while it was on its way to the server', () => {
    const { slices, read } = mask(size);
    const baseline = new Baseline(3, read);
    slices[0]?.fill(1);
    baseline.touch([0]);
    const sent = baseline.changed();
    slices[0]?.fill(0);
    baseline.touch([0]);
    expect(baseline.changed().size).toBe(0);
    baseline.acknowledge(sent);
    expect([...baseline.changed()]).toEqual([[0, new Uint8Array(size)]]);
  });
});

it('compares slices wherever they lie in memory', () => {
  const memory = new Uint8Array(20).fill(3);
  expect(equal(memory.subarray(1, 9), memory.subarray(8, 16))).toBe(true);
  expect(equal(memory.subarray(0, 8), new Uint8Array(8))).toBe(false);
  expect([isEmpty(memory.subarray(1, 3)), isEmpty(new Uint8Array(5))]).toEqual([false, true]);
});
