import { describe, expect, it } from 'vitest';

import { kineticsOf, type Sample } from './kinetics';

/** One sample before contrast at 0 s, then one every two minutes. */
const course = (...values: (number | null)[]): Sample[] =>
  values.map((value, n) => ({ seconds: n * 120, value, pre: n === 0 }));

describe('the kinetics of a curve', () => {
  it('tell enhancement in percent of the signal before contrast', () => {
    expect(kineticsOf(course(200, 300, 500)).enhancement).toEqual([0, 50, 150]);
  });

  it('tell wash-in for each minute, and the time to the peak', () => {
    const { initial, washIn, peak, timeToPeak, speed } = kineticsOf(course(100, 220, 200, 180));
    expect(initial).toBe(120);
    expect(washIn).toBe(60);
    expect(peak).toBe(120);
    expect(timeToPeak).toBe(120);
    expect(speed).toBe('fast');
  });

  it.each([
    ['persistent', 222, 11],
    ['plateau', 220, 10],
    ['plateau', 180, -10],
    ['washout', 178, -11],
  ] as const)('are %s when the late signal is %d after 200', (type, last, change) => {
    const kinetics = kineticsOf(course(100, 200, last));
    expect(kinetics.lateChange).toBe(change);
    expect(kinetics.type).toBe(type);
  });

  it('tell the signal enhancement ratio', () => {
    expect(kineticsOf(course(100, 200, 150)).ratio).toBe(2);
    expect(kineticsOf(course(100, 150, 200)).ratio).toBe(0.5);
  });

  it('read the initial enhancement from the highest phase within three minutes', () => {
    const samples = [0, 60, 120, 180, 240].map((seconds, n) => ({
      seconds,
      value: [100, 150, 180, 170, 300][n] ?? null,
      pre: n === 0,
    }));
    const { initial, washIn, lateChange } = kineticsOf(samples);
    expect(initial).toBe(80);
    expect(washIn).toBe(40);
    expect(lateChange).toBeCloseTo((100 * (300 - 180)) / 180, 12);
  });

  it('compare with the mean of several phases before contrast, and count time from the last of them', () => {
    const samples = [90, 110, 200].map((value, n) => ({ seconds: n * 60, value, pre: n < 2 }));
    const { initial, timeToPeak } = kineticsOf(samples);
    expect(initial).toBe(100);
    expect(timeToPeak).toBe(60);
  });

  it('say nothing that a missing slice hides', () => {
    const late = kineticsOf(course(100, 200, null));
    expect(late.enhancement).toEqual([0, 100, null]);
    expect([late.initial, late.lateChange, late.ratio, late.type]).toEqual([100, null, null, null]);
    const before = kineticsOf(course(null, 200, 300));
    expect([before.initial, before.peak, before.type]).toEqual([null, null, null]);
  });

  it('say nothing of time where times are unknown', () => {
    const samples = course(100, 200, 150).map((sample) => ({ ...sample, seconds: null }));
    const { initial, washIn, timeToPeak, type } = kineticsOf(samples);
    expect([initial, washIn, timeToPeak, type]).toEqual([100, null, null, 'washout']);
  });

  it('name no course where nothing is taken up, nor where the signal was nothing', () => {
    expect(kineticsOf(course(100, 105, 90)).type).toBeNull();
    expect(kineticsOf(course(0, 105, 90)).initial).toBeNull();
  });
});
