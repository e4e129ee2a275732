import { describe, expect, it } from 'vitest';

import { masked, mayPaint, NO_RULES, type PaintRules } from './rules';

const NONE = 0;
const GLAND = 1;
const VESSEL = 2;
const LESION = 5;

type Case = [
  rule: string,
  rules: Partial<PaintRules>,
  from: number,
  to: number,
  value: number | null,
  may: boolean,
];

const TABLE: Case[] = [
  ['nothing is forbidden', {}, NONE, LESION, 10, true],
  ['nothing is forbidden', {}, GLAND, LESION, null, true],
  ['nothing is forbidden', {}, LESION, NONE, 10, true],
  ['what is so already is no change', {}, LESION, LESION, 10, false],
  ['a locked label loses nothing to a label', { locked: new Set([GLAND]) }, GLAND, LESION, 10, false],
  ['a locked label loses nothing to the eraser', { locked: new Set([GLAND]) }, GLAND, NONE, 10, false],
  ['a locked label gains nothing', { locked: new Set([LESION]) }, NONE, LESION, 10, false],
  ['other labels are free', { locked: new Set([GLAND]) }, VESSEL, LESION, 10, true],
  ['a locked background gains labels nowhere', { locked: new Set([NONE]) }, NONE, LESION, 10, false],
  ['a locked background is not erased to', { locked: new Set([NONE]) }, LESION, NONE, 10, false],
  ['unlabelled only: background', { over: 'unlabelled' }, NONE, LESION, 10, true],
  ['unlabelled only: no label', { over: 'unlabelled' }, GLAND, LESION, 10, false],
  ['unlabelled only: erasing stays free', { over: 'unlabelled' }, GLAND, NONE, 10, true],
  ['inside a label', { inside: GLAND }, GLAND, LESION, 10, true],
  ['inside a label: erasing it', { inside: GLAND }, GLAND, NONE, 10, true],
  ['inside a label: not beside it', { inside: GLAND }, NONE, LESION, 10, false],
  ['inside a label: no other label', { inside: GLAND }, VESSEL, NONE, 10, false],
  ['inside the background', { inside: NONE }, NONE, LESION, 10, true],
  ['inside a range', { range: { low: 5, high: 15 } }, NONE, LESION, 10, true],
  ['inside a range: its lower end', { range: { low: 10, high: 15 } }, NONE, LESION, 10, true],
  ['inside a range: its upper end', { range: { low: 5, high: 10 } }, NONE, LESION, 10, true],
  ['inside a range: too dark', { range: { low: 11, high: 15 } }, NONE, LESION, 10, false],
  ['inside a range: too bright', { range: { low: 5, high: 9 } }, LESION, NONE, 10, false],
  ['inside a range: not arrived', { range: { low: 5, high: 15 } }, NONE, LESION, null, false],
  [
    'all rules at once',
    { over: 'unlabelled', inside: NONE, range: { low: 0, high: 20 } },
    NONE,
    LESION,
    10,
    true,
  ],
];

describe('a voxel may change', () => {
  it.each(TABLE)('%s: %o from %i to %i at %s is %s', (_, rules, from, to, value, may) => {
    expect(mayPaint(from, to, value, { ...NO_RULES, ...rules })).toBe(may);
  });
});

describe('a slice under the rules', () => {
  const values = [NONE, GLAND, VESSEL, LESION];

  it.each(TABLE)('%s: says the same of every pair of labels: %o', (_, some) => {
    const rules = { ...NO_RULES, ...some };
    const before = Uint8Array.from(values.flatMap((from) => values.map(() => from)));
    const after = Uint8Array.from(values.flatMap(() => values));
    const intensities = Int16Array.from(before, (_label, i) => i);
    const expected = [...before].map((from, i) =>
      mayPaint(from, after[i] ?? 0, i, rules) ? (after[i] ?? 0) : from,
    );
    expect([...masked(before, after, intensities, rules)]).toEqual(expected);
  });

  it('changes nothing in a range while the picture has not arrived', () => {
    const rules = { ...NO_RULES, range: { low: -1e9, high: 1e9 } };
    expect([...masked(new Uint8Array(3), new Uint8Array([1, 2, 5]), null, rules)]).toEqual([0, 0, 0]);
  });

  it('leaves what it was given', () => {
    const before = new Uint8Array([0, 1]);
    const after = new Uint8Array([5, 5]);
    masked(before, after, null, NO_RULES);
    expect([[...before], [...after]]).toEqual([
      [0, 1],
      [5, 5],
    ]);
  });

  it('refuses slices of different sizes', () => {
    expect(() => masked(new Uint8Array(2), new Uint8Array(3), null, NO_RULES)).toThrow(RangeError);
  });
});
