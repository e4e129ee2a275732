/** What changes in the mask: who is told, how often each label is there, and the way back. */
import { type Change, PLANES, type PlaneName, type StepTaken } from '../viewer';
import { LabelCounts } from './counts';
import type { DeskState } from './deskState';
import type { DeskBase } from './parts';

const COUNT_AFTER_MS = 350;

/** Told the slices that a step, or the way back, has changed. */
export type TouchListener = (slices: readonly number[]) => void;

export class Edits {
  private readonly counts: LabelCounts;
  private readonly touched = new Set<TouchListener>();
  private countTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly desk: DeskBase) {
    const highest = Math.max(...desk.labels.map(({ value }) => value));
    this.counts = new LabelCounts(desk.viewer.grid.shapeZyx[0], highest, (z) => desk.viewer.mask.slice(z));
  }

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  /** Start to name the strokes of the opened mask. */
  start(): void {
    this.desk.viewer.mask.nameStrokes(() => this.strokeTitle());
  }

  /** Call with each change of the mask by hand, of which these are exactly the slices. Returns the way to stop it. */
  onTouched(listener: TouchListener): () => void {
    this.touched.add(listener);
    return () => this.touched.delete(listener);
  }

  /** Take the last step back and show where that was; answers the step. */
  undo(): StepTaken | null {
    return this.state.editable ? this.show(this.desk.viewer.mask.undo()) : null;
  }

  /** Do the step again that was undone last, and show where. */
  redo(): StepTaken | null {
    return this.state.editable ? this.show(this.desk.viewer.mask.redo()) : null;
  }

  whenChanged({ kind, slices }: Change): void {
    this.tellHistory();
    this.counts.touch(slices);
    if (!this.state.ready) return;
    clearTimeout(this.countTimer);
    this.countTimer = setTimeout(() => this.recount(), COUNT_AFTER_MS);
    if (this.state.editable && kind !== 'load') for (const listener of this.touched) listener(slices);
  }

  /** First and last stored slice that has one of these labels now; null where none has. */
  extentOf(labels: readonly number[]): [number, number] | null {
    this.counts.refresh();
    const having = Array.from({ length: this.desk.viewer.grid.shapeZyx[0] }, (_, z) => z).filter((z) =>
      this.counts.labelsIn(z).some((label) => labels.includes(label)),
    );
    const [first, last] = [having[0], having.at(-1)];
    return first === undefined || last === undefined ? null : [first, last];
  }

  recount(): void {
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
    this.counts.keep();
  }

  destroy(): void {
    clearTimeout(this.countTimer);
    this.touched.clear();
  }

  /** Go to the nearest place of a step, unless a pane shows some of it already. */
  private show(step: StepTaken | null): StepTaken | null {
    const { viewer } = this.desk;
    if (!step || viewer.shownPlanes.some((plane) => this.distance(plane, step) === 0)) return step;
    for (const plane of PLANES) viewer.setSlice(plane, viewer.slice(plane) + this.distance(plane, step));
    return step;
  }

  /** Slices from the one that a plane shows to the nearest that a step changed. */
  private distance(plane: PlaneName, { slices, rows, columns }: StepTaken): number {
    const { viewer } = this.desk;
    const here = viewer.slice(plane);
    const { axis } = viewer.planes[plane];
    if (axis !== 0) {
      const [first, last] = axis === 1 ? rows : columns;
      return Math.min(Math.max(here, first), last) - here;
    }
    return slices.map((z) => z - here).reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a));
  }

  private strokeTitle(): string {
    const { tool, label } = this.state;
    const name = this.desk.labels.find(({ value }) => value === label)?.name ?? '';
    return tool === 'eraser' ? 'Eraser' : `${tool.charAt(0).toUpperCase()}${tool.slice(1)}: ${name}`;
  }

  private tellHistory(): void {
    const { undoTitle, redoTitle } = this.desk.viewer.mask.past;
    this.desk.store.setState({ undoTitle, redoTitle });
  }
}
