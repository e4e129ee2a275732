import { describe, expect, it } from 'vitest';

import type { Phase } from '../../api';
import { measure, precontrast } from './measure';

const phase = (index: number, label: string, slope = 1, intercept = 0) =>
  ({ index, label, slope, intercept, time_s: index * 60 }) as Phase;

const PHASES = [phase(0, 'pre-contrast', 2, 1), phase(1, 'post-contrast 1'), phase(2, 'post-contrast 2')];
const REGION = new Map([
  [4, Uint32Array.of(0, 2)],
  [5, Uint32Array.of(1)],
]);

describe('measuring a region', () => {
  it('gives the mean scanner value of each phase at its time', async () => {
    const read = (n: number, z: number) => Promise.resolve(Int16Array.of(z, 10 * n, 7));
    const samples = await measure(PHASES, REGION, read, () => false);
    expect(samples).toEqual([
      { seconds: 0, value: ((4 + 7 + 0) / 3) * 2 + 1, pre: true },
      { seconds: 60, value: (4 + 7 + 10) / 3, pre: false },
      { seconds: 120, value: (4 + 7 + 20) / 3, pre: false },
    ]);
  });

  it('gives null for a phase of which a slice is missing', async () => {
    const read = (n: number, z: number) =>
      n === 1 && z === 5 ? Promise.reject(new Error('gone')) : Promise.resolve(Int16Array.of(1, 1, 1));
    const samples = await measure(PHASES, REGION, read, () => false);
    expect(samples?.map(({ value }) => value)).toEqual([3, null, 1]);
  });

  it('gives null for a region without voxels', async () => {
    const samples = await measure(
      PHASES,
      new Map(),
      () => Promise.reject(new Error('unasked')),
      () => false,
    );
    expect(samples?.map(({ value }) => value)).toEqual([null, null, null]);
  });

  it('stops when nobody wants it any more', async () => {
    let reads = 0;
    const read = () => {
      reads += 1;
      return Promise.resolve(Int16Array.of(1, 1, 1));
    };
    expect(await measure(PHASES, REGION, read, () => true)).toBeNull();
    expect(reads).toBe(3);
  });

  it('knows the phases before contrast by their names, the first always', () => {
    expect(
      precontrast([{ label: 'pre-contrast 1' }, { label: 'pre-contrast 2' }, { label: 'post 1' }]),
    ).toEqual([true, true, false]);
    expect(precontrast([{ label: 'anything' }, { label: 'post 1' }])).toEqual([true, false]);
  });
});
