/** One stroke on the mask while it is being drawn: it knows what was there before it, and obeys the rules. */
import { at, type Vec3 } from '../grid';
import { changes, type IntensityRange, type PaintRules } from './rules';
import type { Axis } from './slice';

/** What strokes are drawn on. */
export interface Canvas {
  shapeZyx: Readonly<Vec3>;
  /** Labels (Y·X,) of a slice, to be written to. */
  labels: (z: number) => Uint8Array;
  /** Stored intensities (Y·X,) of a slice of the source shown, null while they have not arrived. */
  intensities: (z: number) => ArrayLike<number> | null;
}

export interface Ink {
  /** Label to paint, 0 to erase. */
  label: number;
  /** Only this label is changed, whatever the rules allow beyond it; null: any. */
  only: number | null;
  /** Only these intensities are painted, besides what the rules demand; null: any. */
  range: IntensityRange | null;
  rules: PaintRules;
}

export class Stroke {
  private readonly slices = new Map<number, DrawnSlice>();
  private readonly dirty = new Set<number>();
  /** Whether a voxel of each label may be painted, intensities aside. */
  private readonly allowed: Uint8Array;
  private readonly range: IntensityRange | null;

  constructor(
    private readonly canvas: Canvas,
    private readonly ink: Ink,
  ) {
    const table = changes(ink.rules);
    this.allowed = Uint8Array.from({ length: 256 }, (_, from) =>
      ink.only === null || ink.only === from ? (table[(from << 8) | ink.label] ?? 0) : 0,
    );
    this.range = both(ink.range, ink.rules.range);
  }

  /** Paint `count` voxels along an axis from an index (z, y, x); all lie in the volume. */
  paint(start: Readonly<Vec3>, along: Axis, count: number): void {
    const [, rows, columns] = this.canvas.shapeZyx;
    const inSlice = at(start, 1) * columns + at(start, 2);
    if (along === 0) {
      for (let z = start[0]; z < start[0] + count; z += 1) this.paintIn(z, inSlice, 1, 1);
    } else {
      this.paintIn(start[0], inSlice, along === 2 ? 1 : columns, Math.min(count, rows * columns));
    }
  }

  /** Slices that were changed since this was asked last. */
  takeDirty(): number[] {
    const slices = [...this.dirty];
    this.dirty.clear();
    return slices;
  }

  /** Put everything back. Returns the slices that this stroke came to. */
  cancel(): number[] {
    for (const { labels, before } of this.slices.values()) labels.set(before);
    return [...this.slices.keys()];
  }

  private paintIn(z: number, from: number, stride: number, count: number): void {
    const slice = this.sliceOf(z);
    const end = from + stride * count;
    let changed = false;
    for (let i = from; i < end; i += stride) {
      if (this.allowed[slice.before[i] ?? 0] === 0 || slice.labels[i] === this.ink.label) continue;
      if (this.range && !isWithin(slice.values?.[i], this.range)) continue;
      slice.labels[i] = this.ink.label;
      changed = true;
    }
    if (changed) this.dirty.add(z);
  }

  private sliceOf(z: number): DrawnSlice {
    const known = this.slices.get(z);
    if (known) return known;
    const labels = this.canvas.labels(z);
    const values = this.range && this.canvas.intensities(z);
    const slice = { labels, before: new Uint8Array(labels), values };
    this.slices.set(z, slice);
    return slice;
  }
}

interface DrawnSlice {
  labels: Uint8Array;
  before: Uint8Array;
  /** Null where no range is asked for, and while they have not arrived. */
  values: ArrayLike<number> | null;
}

const isWithin = (value: number | undefined, { low, high }: IntensityRange): boolean =>
  value !== undefined && value >= low && value <= high;

function both(a: IntensityRange | null, b: IntensityRange | null): IntensityRange | null {
  return a && b ? { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) } : (a ?? b);
}
