/** What the server has of a mask, against what is drawn now. */
import { equal, isEmpty } from '../viewer/words';
import type { Slices } from './saveStates';

/** Labels (Y·X,) of a slice as it is drawn now. */
export type ReadSlice = (z: number) => Uint8Array;

export class Baseline {
  private slices: ReadonlyMap<number, Uint8Array> = new Map();
  /** Slices that may differ; all others are known to be equal. */
  private readonly suspects = new Set<number>();

  constructor(
    private readonly sliceCount: number,
    private readonly read: ReadSlice,
  ) {}

  /** The mask as the server has it; slices that are not given are empty. */
  get known(): ReadonlyMap<number, Uint8Array> {
    return this.slices;
  }

  /** The mask was loaded: these are its slices that are not empty. */
  reset(slices: ReadonlyMap<number, Uint8Array>): void {
    this.slices = new Map(slices);
    this.suspects.clear();
  }

  /** These slices were touched; an empty list stands for unknown ones, so that every slice is compared. */
  touch(slices: readonly number[]): void {
    const all = slices.length === 0;
    for (const z of all ? Array.from({ length: this.sliceCount }, (_, i) => i) : slices) this.suspects.add(z);
  }

  /** The server has these slices now. They are compared again: what was drawn meanwhile, or undone, differs. */
  acknowledge(slices: ReadonlyMap<number, Uint8Array>): void {
    for (const z of slices.keys()) this.suspects.add(z);
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
    for (const z of this.suspects) {
      const now = this.read(z);
      if (this.has(z, now)) this.suspects.delete(z);
      else changed.set(z, new Uint8Array(now));
    }
    return changed;
  }
}
