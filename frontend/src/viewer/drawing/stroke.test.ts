import { describe, expect, it } from 'vitest';

import { NO_RULES } from './rules';
import { rangeAround } from './sample';
import { Stroke } from './stroke';

const SHAPE = [2, 3, 4] as const;

function canvas(intensities: (z: number) => ArrayLike<number> | null = () => null) {
  const slices = [new Uint8Array(12), new Uint8Array(12)];
  return {
    slices,
    shapeZyx: [...SHAPE] as [number, number, number],
    labels: (z: number) => slices[z] ?? new Uint8Array(12),
    intensities,
  };
}

const INK = { label: 5, only: null, range: null, rules: NO_RULES };

describe('a stroke', () => {
  it('paints along each axis', () => {
    const on = canvas();
    const stroke = new Stroke(on, INK);
    stroke.paint([0, 1, 1], 2, 2);
    stroke.paint([0, 0, 3], 1, 3);
    stroke.paint([0, 2, 0], 0, 2);
    expect([...(on.slices[0] ?? [])]).toEqual([0, 0, 0, 5, 0, 5, 5, 5, 5, 0, 0, 5]);
    expect([...(on.slices[1] ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]);
    expect(stroke.takeDirty().sort()).toEqual([0, 1]);
    expect(stroke.takeDirty()).toEqual([]);
  });

  it('leaves a locked label, and what it painted itself may be painted again', () => {
    const on = canvas();
    on.slices[0]?.fill(2, 0, 2);
    const stroke = new Stroke(on, { ...INK, rules: { ...NO_RULES, locked: new Set([2]) } });
    stroke.paint([0, 0, 0], 2, 4);
    stroke.paint([0, 0, 0], 2, 4);
    expect([...(on.slices[0] ?? [])].slice(0, 4)).toEqual([2, 2, 5, 5]);
  });

  it('paints both ranges alone, and nothing where the picture has not arrived', () => {
    const values = Int16Array.from({ length: 12 }, (_, i) => i);
    const on = canvas((z) => (z === 0 ? values : null));
    const rules = { ...NO_RULES, range: { low: 0, high: 2 } };
    const stroke = new Stroke(on, { ...INK, range: { low: 1, high: 9 }, rules });
    stroke.paint([0, 0, 0], 2, 4);
    stroke.paint([1, 0, 0], 2, 4);
    expect([...(on.slices[0] ?? [])].slice(0, 4)).toEqual([0, 5, 5, 0]);
    expect([...(on.slices[1] ?? [])].some((label) => label > 0)).toBe(false);
  });

  it('erases one label alone where that is asked for', () => {
    const on = canvas();
    on.slices[0]?.set([1, 5, 5, 1]);
    new Stroke(on, { ...INK, label: 0, only: 5 }).paint([0, 0, 0], 2, 4);
    expect([...(on.slices[0] ?? [])].slice(0, 4)).toEqual([1, 0, 0, 1]);
  });

  it('can be taken back', () => {
    const on = canvas();
    on.slices[1]?.fill(3);
    const stroke = new Stroke(on, INK);
    stroke.paint([1, 1, 1], 2, 3);
    expect(stroke.cancel()).toEqual([1]);
    expect([...(on.slices[1] ?? [])]).toEqual(Array(12).fill(3));
  });
});

describe('a picked range', () => {
  it('is the mean with as many standard deviations to either side', () => {
    // 25 values 0 to 24: mean 12, variance (25² - 1) / 12 = 52.
    const range = rangeAround((du, dv) => (dv + 2) * 5 + du + 2, 2);
    expect(range?.low).toBeCloseTo(12 - 2 * Math.sqrt(52), 9);
    expect(range?.high).toBeCloseTo(12 + 2 * Math.sqrt(52), 9);
  });

  it('leaves out what lies outside of the picture', () => {
    expect(rangeAround((du) => (du < 0 ? null : 7), 3)).toEqual({ low: 7, high: 7 });
    expect(rangeAround(() => null, 3)).toBeNull();
  });
});
