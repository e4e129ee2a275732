/** What changes in the mask: who is told, how often each label is there, and the way back. */
import { LabelCounts } from './counts';
import type { DeskState } from './deskState';
import type { DeskBase } from './parts';

const COUNT_AFTER_MS = 350;

export class Edits {
  private readonly counts: LabelCounts;
  private readonly touched = new Set<() => void>();
  private countTimer: ReturnType<typeof setTimeout> | undefined;
  private lastModified: readonly number[] = [];

  constructor(private readonly desk: DeskBase) {
    const highest = Math.max(...desk.labels.map(({ value }) => value));
    this.counts = new LabelCounts(desk.viewer.grid.shapeZyx[0], highest, (z) => desk.viewer.mask.slice(z));
  }

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  /** Call whenever the mask may have changed by hand. Returns the way to stop it. */
  onTouched(listener: () => void): () => void {
    this.touched.add(listener);
    return () => this.touched.delete(listener);
  }

  undo(): void {
    if (this.state.editable) this.travel(() => this.desk.viewer.mask.undo());
  }

  redo(): void {
    if (this.state.editable) this.travel(() => this.desk.viewer.mask.redo());
  }

  whenModified(slices: readonly number[]): void {
    this.lastModified = slices;
    if (!this.state.ready) return;
    this.tellHistory();
    clearTimeout(this.countTimer);
    this.countTimer = setTimeout(() => this.recount(), COUNT_AFTER_MS);
    if (this.state.editable) for (const listener of this.touched) listener();
  }

  recount(): void {
    this.tellHistory(); // a stroke enters the history when it ends, after it was told
    this.counts.refresh();
    const labelsBySlice = Array.from({ length: this.desk.viewer.grid.shapeZyx[0] }, (_, z) =>
      this.counts.labelsIn(z),
    );
    this.desk.store.setState({ totals: this.counts.totals(), labelsBySlice });
  }

  /** Voxels of each label value in a slice, background included. */
  countsIn(z: number): ArrayLike<number> {
    return this.counts.in(z);
  }

  /** Leave the counts as they are, though the mask may seem to have changed. */
  keepCounts(): void {
    clearTimeout(this.countTimer);
  }

  destroy(): void {
    clearTimeout(this.countTimer);
    this.touched.clear();
  }

  /** Undo or redo, and show the slice where that happened. */
  private travel(step: () => void): void {
    const { viewer } = this.desk;
    this.lastModified = [];
    step();
    this.tellHistory();
    const here = viewer.slice(viewer.mainPlane);
    const nearest = [...this.lastModified].sort((a, b) => Math.abs(a - here) - Math.abs(b - here))[0];
    if (nearest !== undefined) viewer.setSlice(viewer.mainPlane, nearest);
  }

  private tellHistory(): void {
    const { canUndo, canRedo } = this.desk.viewer.mask;
    this.desk.store.setState({ canUndo, canRedo });
  }
}
