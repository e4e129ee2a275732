import { describe, expect, it } from 'vitest';

import { History } from './history';
import { diff, patchSlice } from './patch';

const ROWS = 12;
const COLUMNS = 9; // 108 voxels: words; some tests take odd sizes too
const SLICES = 4;

function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function opened(limits?: { steps: number; bytes: number }) {
  const slices = Array.from({ length: SLICES }, () => new Uint8Array(ROWS * COLUMNS));
  const live = (z: number): Uint8Array => slices[z] as Uint8Array;
  const history = new History(SLICES, [ROWS, COLUMNS], live, limits);
  return { slices, history, copy: () => slices.map((labels) => [...labels]) };
}

/** Paint some random runs of random labels over random slices. */
function scribble(slices: Uint8Array[], random: (below: number) => number): void {
  for (let n = 0; n <= random(3); n += 1) {
    const from = random(ROWS * COLUMNS);
    slices[random(SLICES)]?.fill(random(10), from, from + 1 + random(20));
  }
}

describe('a patch', () => {
  it('leads from any slice to any other and back', () => {
    const random = randomly(1);
    for (const size of [1, 7, 8, 300, 4096]) {
      const before = Uint8Array.from({ length: size }, () => random(3));
      const after = Uint8Array.from({ length: size }, () => random(3));
      after[0] = ((before[0] ?? 0) + 1) % 3;
      const { patch } = diff(before, after, 5) ?? { patch: new Uint8Array() };
      const labels = new Uint8Array(before);
      patchSlice(labels, patch, 'after');
      expect([...labels]).toEqual([...after]);
      patchSlice(labels, patch, 'before');
      expect([...labels]).toEqual([...before]);
    }
  });

  it('is null between equal slices', () => {
    expect(diff(new Uint8Array(9), new Uint8Array(9), 3)).toBeNull();
  });

  it('takes four bytes for a run, however long', () => {
    const painted = new Uint8Array(100).fill(5, 20, 90);
    expect(diff(new Uint8Array(100), painted, 10)?.patch.length).toBe(4);
  });

  it('says where it lies', () => {
    const painted = new Uint8Array(100);
    painted[34] = 1;
    painted[57] = 2;
    expect(diff(new Uint8Array(100), painted, 10)?.box).toEqual({ rows: [3, 5], columns: [4, 7] });
  });

  it('spans all columns when a run goes over the end of a row', () => {
    const painted = new Uint8Array(100).fill(5, 18, 23);
    expect(diff(new Uint8Array(100), painted, 10)?.box).toEqual({ rows: [1, 2], columns: [0, 9] });
  });
});

describe('the history', () => {
  it('goes back to the start and on to the end exactly, over 300 steps', () => {
    const { slices, history, copy } = opened();
    const random = randomly(7);
    const states = [copy()];
    while (states.length <= 300) {
      scribble(slices, random);
      if (history.record(`step ${states.length}`)) states.push(copy());
    }
    for (let n = 300; n > 0; n -= 1) {
      expect(history.undo()?.title).toBe(`step ${n}`);
      expect(copy()).toEqual(states[n - 1]);
    }
    expect(history.undo()).toBeNull();
    for (let n = 1; n <= 300; n += 1) {
      expect(history.redo()?.title).toBe(`step ${n}`);
      expect(copy()).toEqual(states[n]);
    }
    expect(history.redo()).toBeNull();
  });

  it('tells exactly the slices that changed', () => {
    const { slices, history } = opened();
    slices[1]?.fill(3, 0, 5);
    slices[3]?.fill(3, 0, 5);
    expect(history.record('a')?.slices).toEqual([1, 3]);
    slices[1]?.fill(0);
    expect(history.record('b')?.slices).toEqual([1]);
    expect(history.undo()?.slices).toEqual([1]);
    expect(history.undo()?.slices).toEqual([1, 3]);
  });

  it('makes no step of nothing', () => {
    const { history } = opened();
    expect(history.record('nothing')).toBeNull();
    expect(history.undoTitle).toBeNull();
  });

  it('looks only at the slices it is told of', () => {
    const { slices, history } = opened();
    slices[0]?.fill(1);
    slices[2]?.fill(1);
    expect(history.record('two', [2, 2])?.slices).toEqual([2]);
    expect(history.record('the other')?.slices).toEqual([0]);
  });

  it('drops what was undone when something new is done', () => {
    const { slices, history } = opened();
    slices[0]?.fill(1);
    history.record('first');
    history.undo();
    expect(history.redoTitle).toBe('first');
    slices[0]?.fill(2);
    history.record('second');
    expect(history.redoTitle).toBeNull();
    expect(history.redo()).toBeNull();
    history.undo();
    expect([...(slices[0] as Uint8Array)]).toEqual(Array(ROWS * COLUMNS).fill(0));
  });

  it('keeps at least its steps however much they take, and more only within its memory', () => {
    const { slices, history } = opened({ steps: 100, bytes: 1 });
    for (let n = 0; n < 150; n += 1) {
      slices[0]?.fill(n % 9, 0, 50);
      history.record(`${n}`);
    }
    expect(history.steps).toBe(100);
    expect(opened({ steps: 100, bytes: 1e6 }).history.steps).toBe(0);
  });

  it('forgets everything at a reset', () => {
    const { slices, history } = opened();
    slices[0]?.fill(1);
    history.record('a');
    history.reset();
    expect([history.undo(), history.redo(), history.bytes]).toEqual([null, null, 0]);
    slices[0]?.fill(1);
    expect(history.record('the same again')).toBeNull();
  });

  it('is small: a disc of a thousand voxels in a large slice takes less than 400 bytes', () => {
    const labels = new Uint8Array(448 * 448);
    const history = new History(1, [448, 448], () => labels);
    for (let y = 0; y < 448; y += 1)
      for (let x = 0; x < 448; x += 1) if (Math.hypot(y - 200, x - 200) <= 18) labels[y * 448 + x] = 5;
    history.record('disc');
    expect(history.bytes).toBeLessThan(400);
  });
});
