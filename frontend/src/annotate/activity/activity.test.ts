import { describe, expect, it } from 'vitest';

import { ActiveClock } from './activity';

describe('active time', () => {
  it('runs from input to input, and for a minute after the last', () => {
    const clock = new ActiveClock(0);
    clock.input(10_000);
    clock.input(40_000);
    expect(clock.take(300_000)?.seconds).toBe(90); // 30 s between the inputs, 60 s after them
    expect(clock.take(400_000)).toBeNull();
  });

  it('counts nothing before the first input', () => {
    expect(new ActiveClock(0).take(50_000)).toBeNull();
  });

  it('stops while the page is out of sight', () => {
    const clock = new ActiveClock(0);
    clock.input(1_000);
    clock.hide(5_000);
    expect(clock.take(60_000)).toEqual({ seconds: 4, spanS: 60, agoS: 0 });
  });

  it('does not count a pause that was too long', () => {
    const clock = new ActiveClock(0);
    clock.input(0);
    clock.input(600_000);
    expect(clock.take(601_000)?.seconds).toBe(61);
  });

  it('leaves fractions of a second for the next stretch', () => {
    const clock = new ActiveClock(0);
    clock.input(0);
    expect(clock.take(1_600)?.seconds).toBe(1);
    expect(clock.take(3_000)?.seconds).toBe(2);
  });
});
