import { describe, expect, it } from 'vitest';

import { doubtful, following, isEmpty, largest, waiting } from './slices';

const slice = (counts: number[], asked = true) => ({ counts, asked, doubt: null, remarks: [] });

describe('the slices of a strip', () => {
  it('are empty when only background is in them', () => {
    expect(isEmpty(slice([100, 0, 0]))).toBe(true);
    expect(isEmpty(slice([99, 0, 1]))).toBe(false);
  });

  it('tell the largest area of each label', () => {
    expect(largest([slice([9, 1, 0]), slice([5, 3, 2]), slice([10, 0, 0])])).toEqual([10, 3, 2]);
  });

  it('wait for work where they are asked for and empty', () => {
    const slices = [slice([4, 0]), slice([3, 1]), slice([4, 0], false), slice([4, 0])];
    expect(waiting(slices)).toEqual([0, 3]);
  });
});

describe('doubtful slices', () => {
  it('are the peaks among the most doubtful fifth', () => {
    const doubt = [0, 0, 0.5, 0.9, 0.6, 0, 0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0, 0, 0, 0, 0];
    expect(doubtful(doubt)).toEqual([3, 12]);
  });

  it('are none where the model was equally sure everywhere', () => {
    expect(doubtful([0.2, 0.2, 0.2, 0.2, 0.2])).toEqual([]);
    expect(doubtful([])).toEqual([]);
  });

  it('are the few that stand out where most are equal', () => {
    expect(doubtful([0, 0, 0, 0.4, 0, 0, 0, 0, 0, 0, 0, 0])).toEqual([3]);
  });
});

describe('going along the strip', () => {
  it('leads to the next stop and to the one before, round and round', () => {
    expect(following([3, 12], 3, 1)).toBe(12);
    expect(following([3, 12], 12, 1)).toBe(3);
    expect(following([3, 12], 12, -1)).toBe(3);
    expect(following([3, 12], 3, -1)).toBe(12);
    expect(following([3, 12], 7, -1)).toBe(3);
    expect(following([], 7, 1)).toBeNull();
  });
});
