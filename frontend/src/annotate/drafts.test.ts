import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';

import { ApiError } from '../api';
import { draftTrouble, dropDraft, keepDraft, ownKey, putAway, readDrafts } from './drafts';
import { outcomeOf } from './masks';

const SLICES = new Map([[4, Uint8Array.of(0, 5, 5, 0)]]);

const STROKES = { base: 3, slices: SLICES, pending: null };

describe('a draft', () => {
  it('is offered to the same user on the same task only', async () => {
    await keepDraft(1, 7, STROKES);
    expect(await readDrafts(1, 7, 4)).toMatchObject([STROKES]);
    expect(await readDrafts(2, 7, 4)).toEqual([]);
    expect(await readDrafts(1, 8, 4)).toEqual([]);
    expect(await readDrafts(1, 70, 4)).toEqual([]);
  });

  it('keeps the save that was on its way, with its key', async () => {
    const pending = { base: 2, key: 'k', slices: new Map([[1, Uint8Array.of(9, 9, 9, 9)]]) };
    await keepDraft(1, 7, { ...STROKES, pending });
    expect((await readDrafts(1, 7, 4))[0]?.pending).toEqual(pending);
  });

  it('that was put away for later is not touched by what is drawn then', async () => {
    await putAway(1, 7, STROKES);
    await keepDraft(1, 7, { ...STROKES, base: 9 });
    expect((await readDrafts(1, 7, 4)).map(({ base }) => base)).toEqual([9, 3]);
    await dropDraft(ownKey(1, 7));
    const [later] = await readDrafts(1, 7, 4);
    expect(later?.base).toBe(3);
    await dropDraft(later?.key ?? '');
    expect(await readDrafts(1, 7, 4)).toEqual([]);
  });

  it('that finds the storage full says so', () => {
    expect(draftTrouble(new DOMException('', 'QuotaExceededError'))).toBe('full');
    expect(draftTrouble(new DOMException('', 'InvalidStateError'))).toBe('unavailable');
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
    const outcome = outcomeOf(
      new ApiError(412, 'stale', 'm', { head: 4, by: 'Rita', at: '2026-01-01T10:00:00Z' }),
    );
    expect(outcome).toEqual({ kind: 'conflict', head: 4, by: 'Rita', at: '2026-01-01T10:00:00Z' });
  });
});
