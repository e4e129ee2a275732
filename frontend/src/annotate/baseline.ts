/** What the server has of a mask, against what is drawn now. */
import type { Slices } from './autosave';

/** Labels (Y·X,) of a slice as it is drawn now. */
export type ReadSlice = (z: number) => Uint8Array;

export class Baseline {
  private slices: ReadonlyMap<number, Uint8Array> = new Map();

  constructor(
    private readonly sliceCount: number,
    private readonly read: ReadSlice,
  ) {}

  /** The mask was loaded: these are its slices that are not empty. */
  reset(slices: ReadonlyMap<number, Uint8Array>): void {
    this.slices = new Map(slices);
  }

  /** The server has these slices now. */
  acknowledge(slices: ReadonlyMap<number, Uint8Array>): void {
    this.slices = new Map([...this.slices, ...slices]);
  }

  /** Whether the server has exactly these labels in a slice. */
  has(z: number, labels: Uint8Array): boolean {
    const known = this.slices.get(z);
    return known ? equal(labels, known) : isEmpty(labels);
  }

  /** Copies of the slices that differ from what the server has. */
  changed(): Slices {
    const changed: Slices = new Map();
    for (let z = 0; z < this.sliceCount; z += 1) {
      const now = this.read(z);
      if (!this.has(z, now)) changed.set(z, new Uint8Array(now));
    }
    return changed;
  }
}

/** Compares four labels at a time where memory allows. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const [x, y] = [words(a), words(b)];
  if (!x || !y) return a.every((value, i) => value === b[i]);
  for (let i = 0; i < x.length; i += 1) if (x[i] !== y[i]) return false;
  return true;
}

export function isEmpty(labels: Uint8Array): boolean {
  const wide = words(labels) ?? labels;
  for (let i = 0; i < wide.length; i += 1) if (wide[i] !== 0) return false;
  return true;
}

function words(bytes: Uint8Array): Uint32Array | null {
  if (bytes.byteOffset % 4 !== 0 || bytes.length % 4 !== 0) return null;
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
