import { describe, expect, it } from 'vitest';

import type { Outcome } from '../../viewer/operations/outcome';
import { changeInWords } from './words';

const NAMES = new Map([
  [1, 'gland'],
  [5, 'lesion'],
]);

function outcome(before: number[], after: number[], depth: number): Outcome {
  const [gained, lost] = [new Uint32Array(256), new Uint32Array(256)];
  before.forEach((old, i) => {
    const now = after[i] ?? 0;
    if (now === old) return;
    lost[old] = (lost[old] ?? 0) + 1;
    gained[now] = (gained[now] ?? 0) + 1;
  });
  const box = { start: [0, 0, 0], shape: [depth, 1, before.length / depth] } as Outcome['box'];
  return { box, before: Uint8Array.from(before), after: Uint8Array.from(after), gained, lost };
}

describe('a change in words', () => {
  it('names each label with what it gains and loses, and the slices', () => {
    expect(changeInWords(outcome([5, 0, 1, 0, 5, 0], [0, 0, 5, 0, 5, 5], 3), NAMES)).toBe(
      'gland −1, lesion +2 −1 voxels, 3 slices',
    );
  });

  it('tells one voxel in one slice', () => {
    expect(changeInWords(outcome([0, 0], [5, 0], 2), NAMES)).toBe('lesion +1 voxel, 1 slice');
  });

  it('says that nothing changes', () => {
    expect(changeInWords({ ...outcome([0], [0], 1), box: null }, NAMES)).toBe('nothing changes');
  });
});
