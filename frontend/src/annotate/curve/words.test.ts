import { describe, expect, it } from 'vitest';

import type { Phase } from '../../api';
import { obstacleOf, signed } from './words';

const phases = (count: number) => Array.from({ length: count }, (_, index) => ({ index }) as Phase);

describe('what stands in the way of a curve', () => {
  it('is a single phase, whatever kind of series it is said to be', () => {
    expect(obstacleOf({ phases: phases(1), is_dce: true })).toContain('one phase');
    expect(obstacleOf({ phases: phases(1), is_dce: false })).toContain('one phase');
  });

  it('is phases that are no course over time', () => {
    expect(obstacleOf({ phases: phases(3), is_dce: false })).toContain('no course over time');
  });

  it('is nothing in a contrast series of two phases or more', () => {
    expect(obstacleOf({ phases: phases(2), is_dce: true })).toBeNull();
  });
});

describe('a figure of a curve', () => {
  it('has its sign, and a decimal while it is small', () => {
    expect([signed(142.4, ' %'), signed(-14.2, ' %'), signed(3.14, ' %'), signed(0, ' %')]).toEqual([
      '+142 %',
      '−14 %',
      '+3.1 %',
      '0 %',
    ]);
    expect(signed(null, ' %')).toBeNull();
  });
});
