/** What changed in a slice, packed: runs of voxels that turned from one label into another. */
import { words } from './words';

/** First and last row and column of what changed. */
export interface Box {
  rows: [number, number];
  columns: [number, number];
}

/** Runs one after the other: unchanged voxels before it and its length, both as variable bytes, the old and the new label. */
export type Patch = Uint8Array;

/** The patch between two states of a slice, (Y·X,) each, and where it lies; null where nothing changed. */
export function diff(
  before: Uint8Array,
  after: Uint8Array,
  columns: number,
): { patch: Patch; box: Box } | null {
  const [start, end] = ends(before, after);
  if (start === end) return null;
  const out = new Writer();
  const box = emptyBox();
  let done = 0;
  for (let i = start; i < end; i += 1) {
    const [old, now] = [before[i] as number, after[i] as number];
    if (old === now) continue;
    const from = i;
    while (i + 1 < end && before[i + 1] === old && after[i + 1] === now) i += 1;
    out.number(from - done);
    out.number(i + 1 - from);
    out.byte(old);
    out.byte(now);
    done = i + 1;
    enclose(box, from, i, columns);
  }
  return { patch: out.bytes(), box };
}

/** Put a slice back to what it was before a patch, or on to what it was after it. */
export function patchSlice(labels: Uint8Array, patch: Patch, side: 'before' | 'after'): void {
  const which = side === 'before' ? 0 : 1;
  let [at, position] = [0, 0];
  const number = (): number => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = patch[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
      shift += 7;
    }
  };
  while (at < patch.length) {
    position += number();
    const length = number();
    labels.fill(patch[at + which] ?? 0, position, position + length);
    position += length;
    at += 2;
  }
}

/** The smallest range of voxels outside of which two slices agree, widened to whole words. */
function ends(before: Uint8Array, after: Uint8Array): [number, number] {
  if (before.length !== after.length)
    throw new RangeError(`need slices of one size, got ${before.length} and ${after.length} voxels`);
  const [a, b] = [words(before), words(after)];
  const [x, y, size] = a && b ? [a, b, 4] : [before, after, 1];
  let start = 0;
  while (start < x.length && x[start] === y[start]) start += 1;
  let end = x.length;
  while (end > start && x[end - 1] === y[end - 1]) end -= 1;
  return [start * size, end * size];
}

function emptyBox(): Box {
  return { rows: [Infinity, -Infinity], columns: [Infinity, -Infinity] };
}

function enclose({ rows, columns }: Box, from: number, to: number, width: number): void {
  const [first, last] = [Math.floor(from / width), Math.floor(to / width)];
  rows[0] = Math.min(rows[0], first);
  rows[1] = Math.max(rows[1], last);
  columns[0] = Math.min(columns[0], first === last ? from % width : 0);
  columns[1] = Math.max(columns[1], first === last ? to % width : width - 1);
}

class Writer {
  private room = new Uint8Array(64);
  private length = 0;

  byte(value: number): void {
    if (this.length === this.room.length) {
      const wider = new Uint8Array(this.room.length * 2);
      wider.set(this.room);
      this.room = wider;
    }
    this.room[this.length++] = value;
  }

  number(value: number): void {
    let rest = value;
    for (; rest >= 128; rest >>>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  bytes(): Uint8Array {
    return this.room.slice(0, this.length);
  }
}
