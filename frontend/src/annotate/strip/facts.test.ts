import { describe, expect, it } from 'vitest';

import type { Remark } from '../../api';
import type { Desk } from '../desk';
import { factsOf } from './facts';

const desk = { edits: { countsIn: (z: number) => [9, z] } } as unknown as Desk;
const labelsBySlice = [[], [1], [1]];
const remark = (z: number, text: string) => ({ z, text }) as Remark;

describe('what the strip is told of each slice', () => {
  it('is whether the task asks for it: those of its list, or all where it has none', () => {
    const asked = (list: readonly number[] | null) =>
      factsOf(desk, { labelsBySlice, doubt: null, asked: list, remarks: [] }).map((slice) => slice.asked);
    expect(asked([0, 2])).toEqual([true, false, true]);
    expect(asked(null)).toEqual([true, true, true]);
  });

  it('is what reviewers said of it, in their order', () => {
    const remarks = [remark(2, 'first'), remark(0, 'other'), remark(2, 'second')];
    const facts = factsOf(desk, { labelsBySlice, doubt: null, asked: null, remarks });
    expect(facts.map((slice) => slice.remarks)).toEqual([['other'], [], ['first', 'second']]);
  });

  it('is its labels and its doubt', () => {
    const facts = factsOf(desk, { labelsBySlice, doubt: [0.1, 0.2, 0.3], asked: null, remarks: [] });
    expect(facts.map(({ counts, doubt }) => [counts[1], doubt])).toEqual([
      [0, 0.1],
      [1, 0.2],
      [2, 0.3],
    ]);
  });
});
