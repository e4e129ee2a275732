/** What the server has of a mask, against what is drawn now. */
import { equal, isEmpty } from '../viewer/words';
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
