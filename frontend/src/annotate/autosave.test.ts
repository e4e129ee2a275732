import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Autosave, type AutosavePorts, DEBOUNCE_MS } from './autosave';
import { NotSavedError, type Outcome, type Payload, type Slices } from './saveStates';

/** A mask of one-voxel slices, a server that answers as told, and the browser's draft. */
class Desk {
  readonly mask = new Map<number, number>();
  readonly known = new Map<number, number>();
  readonly sent: Payload[] = [];
  readonly answers: (Outcome | Promise<Outcome>)[] = [];
  readonly states: string[] = [];
  draft: { base: number; slices: Slices; pending: Payload | null } | null = null;
  head = 3;
  private keys = 0;

  readonly autosave = new Autosave(this.ports(), this.head);

  draw(slice: number, label: number): void {
    this.mask.set(slice, label);
    this.autosave.touch();
  }

  get state(): string {
    return this.autosave.current.kind;
  }

  private ports(): AutosavePorts {
    return {
      changed: () =>
        new Map(
          [...this.mask].filter(([z, v]) => this.known.get(z) !== v).map(([z, v]) => [z, Uint8Array.of(v)]),
        ),
      acknowledge: (slices) => slices.forEach((labels, z) => this.known.set(z, labels[0] ?? 0)),
      send: async (payload) => {
        this.sent.push(payload);
        const told = await this.answers.shift();
        if (told) return told;
        this.head = payload.base + 1;
        return { kind: 'saved', revision: this.head };
      },
      keepDraft: (base, slices, pending) => {
        this.draft = { base, slices, pending };
        return Promise.resolve();
      },
      dropDraft: () => {
        this.draft = null;
        return Promise.resolve();
      },
      newKey: () => `key ${(this.keys += 1)}`,
      onState: (state) => this.states.push(state.kind),
    };
  }
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const unreachable: Outcome = { kind: 'unreachable' };

let desk: Desk;
beforeEach(() => {
  vi.useFakeTimers();
  desk = new Desk();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('autosave', () => {
  it('saves once, a while after the last stroke', async () => {
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS - 100);
    desk.draw(2, 5);
    await pass(DEBOUNCE_MS - 100);
    expect(desk.sent).toHaveLength(0);
    await pass(100);
    expect(desk.sent.map(({ base, slices }) => [base, [...slices.keys()]])).toEqual([[3, [1, 2]]]);
    expect(desk.states).toEqual(['dirty', 'dirty', 'saving', 'saved']);
    expect(desk.autosave.head).toBe(4);
  });

  it('sends only the slices that differ from what the server has', async () => {
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(2, 7);
    await pass(DEBOUNCE_MS);
    expect(desk.sent.map(({ base, slices }) => [base, [...slices.keys()]])).toEqual([
      [3, [1]],
      [4, [2]],
    ]);
  });

  it('sends nothing when a stroke was undone', async () => {
    desk.draw(1, 5);
    desk.mask.delete(1);
    desk.autosave.touch();
    await pass(DEBOUNCE_MS);
    expect([desk.sent.length, desk.state, desk.draft]).toEqual([0, 'saved', null]);
  });

  it('sends what was drawn during a save right after it', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    desk.answers.push(new Promise((resolve) => (answer = resolve)));
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(1, 6);
    answer({ kind: 'saved', revision: 4 });
    await pass(0);
    expect(desk.sent.map(({ base, key, slices }) => [base, key, slices.get(1)?.[0]])).toEqual([
      [3, 'key 1', 5],
      [4, 'key 2', 6],
    ]);
    expect([desk.state, desk.draft]).toEqual(['saved', null]);
  });

  it('keeps a draft in the browser until the server has acknowledged', async () => {
    desk.answers.push(unreachable);
    desk.draw(1, 5);
    await pass(400);
    expect(desk.draft?.base).toBe(3);
    await pass(DEBOUNCE_MS);
    expect([desk.state, desk.draft?.slices.get(1)?.[0]]).toEqual(['offline', 5]);
    await pass(2_000);
    expect([desk.state, desk.draft]).toEqual(['saved', null]);
  });

  it('tries the same payload under the same key until the server answers, ever more slowly', async () => {
    desk.answers.push(unreachable, unreachable, unreachable);
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(2, 7);
    await pass(2_000 + 4_000 + 7_900);
    expect(desk.sent).toHaveLength(3);
    await pass(100);
    expect(desk.sent.map(({ key }) => key)).toEqual(['key 1', 'key 1', 'key 1', 'key 1', 'key 2']);
    expect(desk.sent.map(({ slices }) => [...slices.keys()])).toEqual([[1], [1], [1], [1], [2]]);
    expect(desk.state).toBe('saved');
  });

  it('tries at once when the network is back', async () => {
    desk.answers.push(unreachable);
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.autosave.resume();
    await pass(0);
    expect(desk.state).toBe('saved');
  });

  it('waits for the password when the session ended, then goes on with the same payload', async () => {
    desk.answers.push({ kind: 'signed-out' });
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(2, 5);
    await pass(60_000);
    expect([desk.state, desk.sent.length, desk.draft?.slices.size]).toEqual(['signed-out', 1, 2]);
    desk.autosave.resume();
    await pass(0);
    expect(desk.sent.map(({ key }) => key)).toEqual(['key 1', 'key 1', 'key 2']);
    expect(desk.state).toBe('saved');
  });

  it('never overwrites a revision that it has not seen, and keeps the draft', async () => {
    desk.answers.push({ kind: 'conflict', head: 9, by: 'Rita', at: null });
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(2, 5);
    desk.autosave.resume();
    await pass(60_000);
    expect([desk.state, desk.sent.length, desk.draft?.slices.size]).toEqual(['conflict', 1, 2]);
    await expect(desk.autosave.flush()).rejects.toThrow('Rita saved this case meanwhile');
  });

  it('saves on the new revision once the case was loaded anew', async () => {
    desk.answers.push({ kind: 'conflict', head: 9, by: 'Rita', at: null });
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.autosave.rebase(9);
    desk.draw(2, 5);
    await pass(DEBOUNCE_MS);
    expect(desk.sent[1]).toMatchObject({ base: 9, key: 'key 2' });
    expect(desk.autosave.head).toBe(10);
  });

  it('does not repeat what the server refused', async () => {
    desk.answers.push({ kind: 'refused', message: 'Label 12 is not in the label set.' });
    desk.draw(1, 12);
    await pass(60_000);
    expect([desk.state, desk.sent.length]).toEqual(['refused', 1]);
    await expect(desk.autosave.flush()).rejects.toThrow(NotSavedError);
  });

  it('flushes at once and tells the revision to submit', async () => {
    desk.draw(1, 5);
    await expect(desk.autosave.flush()).resolves.toBe(4);
    await pass(60_000);
    expect(desk.sent).toHaveLength(1);
  });

  it('flushes what was drawn while another save was under way', async () => {
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.draw(2, 5);
    await expect(desk.autosave.flush()).resolves.toBe(5);
    expect(desk.known.get(2)).toBe(5);
  });

  it('does not claim to be saved when a flush finds no server', async () => {
    desk.answers.push(unreachable);
    desk.draw(1, 5);
    await expect(desk.autosave.flush()).rejects.toThrow('cannot be reached');
    expect(desk.autosave.hasUnsaved).toBe(true);
  });

  it('does nothing more once closed', async () => {
    desk.draw(1, 5);
    desk.autosave.close();
    await pass(60_000);
    expect(desk.sent).toHaveLength(0);
  });

  it('keeps the save that is on its way with its key in the draft', async () => {
    desk.answers.push(unreachable);
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    expect(desk.draft?.pending).toMatchObject({ base: 3, key: 'key 1' });
  });

  it('stops when it learns that somebody saved, before anything is sent', async () => {
    desk.draw(1, 5);
    desk.autosave.learn(4, 'Rita', null);
    await pass(60_000);
    expect([desk.state, desk.sent.length, desk.draft?.slices.size]).toEqual(['conflict', 0, 1]);
  });

  it('takes a newer revision for its own while the answer to a save is missing', async () => {
    desk.answers.push(unreachable);
    desk.draw(1, 5);
    await pass(DEBOUNCE_MS);
    desk.autosave.learn(4, 'Anna', null);
    expect(desk.state).toBe('offline');
    await pass(2_000);
    expect([desk.state, desk.autosave.head]).toEqual(['saved', 4]);
  });

  it('learns nothing from a revision that it knows', () => {
    desk.autosave.learn(3, 'Anna', null);
    expect(desk.state).toBe('saved');
  });

  it('saves at once when the page is being left', async () => {
    desk.draw(1, 5);
    desk.autosave.hurry();
    await pass(0);
    expect([desk.sent.length, desk.state]).toEqual([1, 'saved']);
  });

  it('sends its last words under the key that a retry would take', async () => {
    desk.draw(1, 5);
    const last = desk.autosave.lastWords();
    await pass(DEBOUNCE_MS);
    expect(desk.sent.map(({ key }) => key)).toEqual([last?.key]);
    expect(desk.autosave.lastWords()).toBeNull();
  });
});
