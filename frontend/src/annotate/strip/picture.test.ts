import { describe, expect, it } from 'vitest';

import { heat, laneWidth, sliceAt, stripWidth, warmthOf } from './picture';

describe('the picture of the strip', () => {
  it('finds the slice at a height, and stays within the volume', () => {
    expect(sliceAt(0, 600, 300)).toBe(0);
    expect(sliceAt(599.9, 600, 300)).toBe(299);
    expect(sliceAt(300, 600, 40)).toBe(20);
    expect(sliceAt(-5, 600, 40)).toBe(0);
    expect(sliceAt(900, 600, 40)).toBe(39);
  });

  it('is as wide for one label as its lane needs, and never narrower than three pixels a lane', () => {
    expect(laneWidth(9)).toBe(8);
    expect(laneWidth(1)).toBe(12);
    expect(laneWidth(40)).toBe(3);
    expect(stripWidth(9, true) - stripWidth(9, false)).toBe(10);
  });

  it('warms with doubt between the least and the greatest of the case', () => {
    const warmth = warmthOf([{ doubt: 0.1 }, { doubt: null }, { doubt: 0.5 }]);
    expect(warmth(0.1)).toBe(0);
    expect(warmth(0.3)).toBeCloseTo(0.5, 12);
    expect(warmth(0.5)).toBe(1);
  });

  it('stays cold where doubts hardly differ', () => {
    expect(warmthOf([{ doubt: 0.024 }, { doubt: 0.026 }])(0.026)).toBeCloseTo(0.1, 12);
  });

  it('goes from dark to bright', () => {
    expect(heat(0)).toBe('rgb(40 24 24)');
    expect(heat(1)).toBe('rgb(255 224 24)');
  });
});
