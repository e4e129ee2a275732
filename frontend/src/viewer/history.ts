/** Every change of a mask's voxels, kept small, and the way back and forth. */
import { type Box, diff, type Patch, patchSlice } from './patch';
import { equal, isEmpty } from './words';

/** Where a step changed the mask. */
export interface Extent extends Box {
  /** Changed slices, ascending. */
  slices: readonly number[];
}

/** One step of the history, as it is told. */
export interface StepTaken extends Extent {
  /** What was done, such as `Smooth lesion`. */
  title: string;
}

interface Step extends StepTaken {
  patches: readonly Patch[];
  bytes: number;
}

export interface HistoryLimits {
  /** Steps that are always kept. */
  steps: number;
  /** Memory that further steps may take. */
  bytes: number;
}

/** Labels (Y·X,) of a slice: what is drawn on, not a copy. */
export type LiveSlice = (z: number) => Uint8Array;

const LIMITS: HistoryLimits = { steps: 100, bytes: 64 * 1024 * 1024 };
/** What an array of a few bytes costs beyond its bytes. */
const OVERHEAD = 64;

/**
 * Remembers the mask as it was after the last step, so that a step is whatever differs from that, by whichever tool.
 */
export class History {
  private done: Step[] = [];
  private undone: Step[] = [];
  private bytesDone = 0;
  private shadow: Uint8Array[] = [];
  private readonly empty: Uint8Array;

  /** sliceShape: rows and columns of a slice. */
  constructor(
    private readonly sliceCount: number,
    private readonly sliceShape: readonly [number, number],
    private readonly live: LiveSlice,
    private readonly limits: HistoryLimits = LIMITS,
  ) {
    this.empty = new Uint8Array(sliceShape[0] * sliceShape[1]);
    this.reset();
  }

  /** Forget all steps; the mask as it is now is where the next one starts. */
  reset(): void {
    this.done = [];
    this.undone = [];
    this.bytesDone = 0;
    this.shadow = Array.from({ length: this.sliceCount }, (_, z) => {
      const labels = this.live(z);
      return isEmpty(labels) ? this.empty : new Uint8Array(labels);
    });
  }

  /** Put the mask back as it was after the last step. */
  restore(): void {
    this.shadow.forEach((labels, z) => {
      this.live(z).set(labels);
    });
  }

  /**
   * Make one step of all that changed since the last; null where nothing did. What was undone is dropped.
   *
   * slices: the only ones that may have changed; all where left out.
   */
  record(title: string, slices?: Iterable<number>): StepTaken | null {
    const candidates = slices ? [...new Set(slices)].sort((a, b) => a - b) : this.shadow.keys();
    const patches: Patch[] = [];
    const extent = { slices: [] as number[], ...nowhere() };
    for (const z of candidates) {
      const change = this.take(z);
      if (!change) continue;
      patches.push(change.patch);
      extent.slices.push(z);
      widen(extent, change.box);
    }
    if (patches.length === 0) return null;
    const step = { title, ...extent, patches, bytes: sizeOf(patches) };
    this.push(step);
    return told(step);
  }

  /** Take the last step back; null where there is none. Slices and memory hold what was before it. */
  undo(): StepTaken | null {
    const step = this.done.pop();
    if (!step) return null;
    this.bytesDone -= step.bytes;
    this.undone.push(step);
    return this.travel(step, 'before');
  }

  /** Do the step again that was undone last; null where there is none. */
  redo(): StepTaken | null {
    const step = this.undone.pop();
    if (!step) return null;
    this.bytesDone += step.bytes;
    this.done.push(step);
    return this.travel(step, 'after');
  }

  /** Title of the step that undo takes back. */
  get undoTitle(): string | null {
    return this.done.at(-1)?.title ?? null;
  }

  /** Title of the step that redo does again. */
  get redoTitle(): string | null {
    return this.undone.at(-1)?.title ?? null;
  }

  /** Steps that can be undone. */
  get steps(): number {
    return this.done.length;
  }

  /** Memory of all steps. */
  get bytes(): number {
    return this.bytesDone + this.undone.reduce((sum, step) => sum + step.bytes, 0);
  }

  private take(z: number): ReturnType<typeof diff> {
    const [now, before] = [this.live(z), this.shadow[z]];
    if (!before) throw new RangeError(`the mask has no slice ${z}`);
    if (equal(now, before)) return null;
    const change = diff(before, now, this.sliceShape[1]);
    if (before === this.empty) this.shadow[z] = new Uint8Array(now);
    else before.set(now);
    return change;
  }

  private push(step: Step): void {
    this.undone = [];
    this.done.push(step);
    this.bytesDone += step.bytes;
    while (this.done.length > this.limits.steps && this.bytesDone > this.limits.bytes)
      this.bytesDone -= this.done.shift()?.bytes ?? 0;
  }

  private travel(step: Step, side: 'before' | 'after'): StepTaken {
    step.slices.forEach((z, i) => {
      const patch = step.patches[i] as Patch;
      patchSlice(this.live(z), patch, side);
      this.shadow[z] = new Uint8Array(this.live(z));
    });
    return told(step);
  }
}

function told({ title, slices, rows, columns }: Step): StepTaken {
  return { title, slices, rows, columns };
}

function sizeOf(patches: readonly Patch[]): number {
  return patches.reduce((sum, patch) => sum + patch.length + OVERHEAD, OVERHEAD);
}

function nowhere(): Box {
  return { rows: [Infinity, -Infinity], columns: [Infinity, -Infinity] };
}

function widen(box: Box, by: Box): void {
  for (const side of ['rows', 'columns'] as const) {
    box[side] = [Math.min(box[side][0], by[side][0]), Math.max(box[side][1], by[side][1])];
  }
}
