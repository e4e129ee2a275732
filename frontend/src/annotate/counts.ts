/** How many voxels each label has, slice by slice; only slices that changed are counted again. */
import { equal } from '../viewer/words';
import type { ReadSlice } from './baseline';

export class LabelCounts {
  private readonly bySlice: Uint32Array[];
  private readonly seen: (Uint8Array | null)[];

  /** highest: the highest label value. */
  constructor(
    sliceCount: number,
    private readonly highest: number,
    private readonly read: ReadSlice,
  ) {
    this.bySlice = Array.from({ length: sliceCount }, () => new Uint32Array(highest + 1));
    this.seen = Array<Uint8Array | null>(sliceCount).fill(null);
  }

  /** Count every slice that is not as it was. Returns whether any was not. */
  refresh(): boolean {
    let changed = false;
    for (let z = 0; z < this.bySlice.length; z += 1) changed = this.refreshSlice(z) || changed;
    return changed;
  }

  /** Voxels of each label value, background included, over the whole mask. */
  totals(): number[] {
    return Array.from({ length: this.highest + 1 }, (_, value) =>
      this.bySlice.reduce((sum, counts) => sum + (counts[value] ?? 0), 0),
    );
  }

  /** Voxels of each label value in a slice, background included. */
  in(z: number): Uint32Array {
    return this.bySlice[z] ?? new Uint32Array(this.highest + 1);
  }

  /** Label values other than background in a slice. */
  labelsIn(z: number): number[] {
    return [...(this.bySlice[z] ?? [])].flatMap((count, value) => (value > 0 && count > 0 ? [value] : []));
  }

  private refreshSlice(z: number): boolean {
    const now = this.read(z);
    const before = this.seen[z];
    if (before && equal(now, before)) return false;
    const counts = this.bySlice[z];
    counts?.fill(0);
    for (const value of now) if (counts && value <= this.highest) counts[value] = (counts[value] ?? 0) + 1;
    this.seen[z] = new Uint8Array(now);
    return true;
  }
}
