/** How many voxels each label has, slice by slice; only slices that changed are counted again. */
import type { ReadSlice } from './baseline';

export class LabelCounts {
  private readonly bySlice: Uint32Array[];
  /** Slices that are to be counted; all of them at first. */
  private readonly stale: Set<number>;

  /** highest: the highest label value. */
  constructor(
    sliceCount: number,
    private readonly highest: number,
    private readonly read: ReadSlice,
  ) {
    this.bySlice = Array.from({ length: sliceCount }, () => new Uint32Array(highest + 1));
    this.stale = new Set(this.bySlice.keys());
  }

  /** Labels of these slices have changed. */
  touch(slices: Iterable<number>): void {
    for (const z of slices) this.stale.add(z);
  }

  /** Leave the counts as they are, though slices were touched. */
  keep(): void {
    this.stale.clear();
  }

  /** Count the slices that were touched since the last time. Returns whether there were any. */
  refresh(): boolean {
    const any = this.stale.size > 0;
    for (const z of this.stale) this.count(z);
    this.stale.clear();
    return any;
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

  private count(z: number): void {
    const counts = this.bySlice[z];
    if (!counts) return;
    counts.fill(0);
    for (const value of this.read(z)) if (value <= this.highest) counts[value] = (counts[value] ?? 0) + 1;
  }
}
