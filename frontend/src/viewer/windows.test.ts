import { describe, expect, it } from 'vitest';

import { windowsOf } from './autoWindow';
import { widened, Windows } from './windows';

const GIVEN = (key: string) => ({ low: 0, high: key === 'phase0' ? 100 : 200 });

describe('windows of sources', () => {
  it('are one for all phases, that of the first that is shown', () => {
    const windows = new Windows(GIVEN, 'phase1');
    expect(windows.of('phase0')).toEqual({ low: 0, high: 200 });
    windows.set('phase0', { low: 10, high: 50 });
    expect(windows.of('phase2')).toEqual({ low: 10, high: 50 });
  });

  it('leave a difference its own', () => {
    const windows = new Windows(GIVEN, 'phase1');
    windows.set('phase1-phase0', { low: 0, high: 30 });
    expect(windows.of('phase1')).toEqual({ low: 0, high: 200 });
    expect(windows.of('phase1-phase0')).toEqual({ low: 0, high: 30 });
  });

  it('part when each phase is to have its own, and the shown one keeps what it had', () => {
    const windows = new Windows(GIVEN, 'phase1');
    windows.set('phase1', { low: 10, high: 50 });
    windows.setSteady(false, 'phase1');
    expect(windows.of('phase1')).toEqual({ low: 10, high: 50 });
    expect(windows.of('phase0')).toEqual({ low: 0, high: 100 });
    windows.setSteady(true, 'phase0');
    expect(windows.of('phase2')).toEqual({ low: 0, high: 100 });
  });

  it('never close up', () => {
    const windows = new Windows(GIVEN, 'phase1');
    windows.set('phase1', { low: 5, high: 5 });
    expect(windows.of('phase1').high).toBeGreaterThan(5);
  });

  it('widen around their middle', () => {
    expect(widened({ low: 20, high: 40 }, 2)).toEqual({ low: 10, high: 50 });
    expect(widened({ low: 20, high: 40 }, 0.5)).toEqual({ low: 25, high: 35 });
  });
});

/** Half air at 0 to 9, the body from 100 to 1099, one glaring voxel. */
function body(): Int16Array {
  const values = new Int16Array(20_001);
  for (let n = 0; n < 10_000; n += 1) {
    values[n] = n % 10;
    values[10_000 + n] = 100 + (n % 1000);
  }
  values[20_000] = 30_000;
  return values;
}

describe('the automatic window', () => {
  it('spans the body from its first to its 99.5th percentile, without air and glare', () => {
    const found = windowsOf([body()]);
    const bin = 30_000 / 4096;
    expect(Math.abs((found?.auto.low ?? 0) - 110)).toBeLessThanOrEqual(bin);
    expect(Math.abs((found?.auto.high ?? 0) - 1095)).toBeLessThanOrEqual(bin);
    expect(found?.full).toEqual({ low: 0, high: 30_000 });
  });

  it('begins at zero for a difference', () => {
    const difference = Int16Array.from({ length: 4000 }, (_, n) => n - 1000);
    expect(windowsOf([difference])?.auto.low).toBe(0);
  });

  it('is none where nothing has arrived or all is the same', () => {
    expect(windowsOf([])).toBeNull();
    expect(windowsOf([new Int16Array(9).fill(4)])).toBeNull();
  });
});
