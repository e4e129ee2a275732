import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';

import { ApiError } from '../api';
import { dropDraft, keepDraft, readDraft } from './drafts';
import { outcomeOf } from './masks';

const SLICES = new Map([[4, Uint8Array.of(0, 5, 5, 0)]]);

describe('a draft', () => {
  it('is offered to the same user on the same task only', async () => {
    await keepDraft(1, 7, 3, SLICES);
    const draft = await readDraft(1, 7, 4);
    expect([draft?.base, draft?.slices]).toEqual([3, SLICES]);
    expect(await readDraft(2, 7, 4)).toBeNull();
    expect(await readDraft(1, 8, 4)).toBeNull();
  });

  it('is gone once dropped', async () => {
    await keepDraft(1, 7, 3, SLICES);
    await dropDraft(1, 7);
    expect(await readDraft(1, 7, 4)).toBeNull();
  });
});

describe('a refused save', () => {
  it.each([
    [0, 'unreachable'],
    [401, 'signed-out'],
    [400, 'refused'],
    [403, 'refused'],
    [409, 'refused'],
    [429, 'unreachable'],
    [503, 'unreachable'],
  ])('with status %i is %s', (status, kind) => {
    expect(outcomeOf(new ApiError(status, 'x', 'm')).kind).toBe(kind);
  });

  it('with status 412 names who saved', () => {
    const outcome = outcomeOf(new ApiError(412, 'stale', 'm', { head: 4, by: 'Rita', at: '' }));
    expect(outcome).toEqual({ kind: 'conflict', head: 4, by: 'Rita' });
  });
});
