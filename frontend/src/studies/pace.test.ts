import { expect, test } from 'vitest';

import { Pace } from './pace';

test('the time left follows from the pace', () => {
  const pace = new Pace();
  pace.mark(0, 100);
  pace.mark(500, 150);
  expect([pace.rate, pace.secondsUntil(1000)]).toEqual([null, null]);
  pace.mark(2_000, 300);
  expect([pace.rate, pace.secondsUntil(1000)]).toEqual([100, 7]);
});

test('only the last quarter of a minute counts', () => {
  const pace = new Pace();
  for (let second = 0; second <= 30; second += 1)
    pace.mark(second * 1000, second <= 15 ? second * 10 : 150 + (second - 15));
  expect(pace.rate).toBe(1);
});

test('a pace that stands still promises nothing', () => {
  const pace = new Pace();
  pace.mark(0, 10);
  pace.mark(5_000, 10);
  expect([pace.rate, pace.secondsUntil(100)]).toEqual([0, null]);
});

test('what was before a break is forgotten', () => {
  const pace = new Pace();
  pace.mark(0, 0);
  pace.mark(2_000, 200);
  pace.begin();
  expect(pace.rate).toBeNull();
});
