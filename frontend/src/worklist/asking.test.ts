import { describe, expect, it } from 'vitest';

import { slicesOf } from './asking';

describe('slices asked for', () => {
  it('are all, a list from 1, every n-th, or spread evenly', () => {
    expect(slicesOf({ kind: 'whole' }, 10, null)).toBeNull();
    expect(slicesOf({ kind: 'list', text: '3-5, 1' }, 10, null)).toEqual([0, 2, 3, 4]);
    expect(slicesOf({ kind: 'every', step: 4 }, 10, null)).toEqual([0, 4, 8]);
    expect(slicesOf({ kind: 'spread', count: 2 }, 10, null)).toEqual([2, 7]);
    expect(slicesOf({ kind: 'spread', count: 10 }, 10, null)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('are those of which the model was least sure, where that is known', () => {
    expect(slicesOf({ kind: 'doubt', count: 2 }, 4, [0.1, 0.9, 0.2, 0.9])).toEqual([1, 3]);
    expect(slicesOf({ kind: 'doubt', count: 2 }, 4, null)).toBeUndefined();
  });

  it.each(['', '0', '11', '5-3', 'all'])('are nothing for the text "%s"', (text) => {
    expect(slicesOf({ kind: 'list', text }, 10, null)).toBeUndefined();
  });

  it.each([0, -1, 1.5, 11, NaN])('are nothing for the number %s', (count) => {
    expect(slicesOf({ kind: 'every', step: count }, 10, null)).toBeUndefined();
  });
});
