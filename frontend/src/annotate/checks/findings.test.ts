import { describe, expect, it } from 'vitest';

import type { CheckReport, Finding } from '../../api';
import { passes, stepped, stopsOf, tickOf } from './findings';

const finding = (key: string, severity: Finding['severity'], places: number[][] = []): Finding => ({
  key,
  severity,
  places,
  rule: 'specks',
  label: 5,
  count: 1,
  text: `${key} is small.`,
  advice: '',
});

const report = (...findings: Finding[]): CheckReport => ({ revision: 1, findings, submission: null });

describe('findings', () => {
  it('are walked place by place, round and round', () => {
    const stops = stopsOf([finding('a', 'warning', [[1, 2, 3], [4, 5, 6]]), finding('b', 'error')]); // prettier-ignore
    expect(stops.map(({ finding: { key }, place }) => [key, place])).toEqual([['a', 0], ['a', 1], ['b', null]]); // prettier-ignore
    expect([stepped(stops, null, 1), stepped(stops, 2, 1), stepped(stops, 0, -1), stepped(stops, null, -1)]).toEqual([0, 0, 2, 2]); // prettier-ignore
    expect(stepped([], null, 1)).toBeNull();
  });

  it('pass when every warning is ticked and there is no error', () => {
    const warning = finding('a', 'warning');
    expect(passes(report(warning), new Set())).toBe(false);
    expect(passes(report(warning), new Set([tickOf(warning)]))).toBe(true);
    expect(passes(report(finding('a', 'error')), new Set([tickOf(warning)]))).toBe(false);
    expect([passes(null, new Set()), passes(report(), new Set())]).toEqual([false, true]);
  });

  it('lose their tick when they say something else', () => {
    const warning = finding('a', 'warning');
    const more = { ...warning, text: '2 specks.' };
    expect(passes(report(more), new Set([tickOf(warning)]))).toBe(false);
  });
});
