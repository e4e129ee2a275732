/** A box of voxels, (Z·Y·X,) with x fastest, on which operations work; a slice is a box one voxel thick. */
import type { Vec3 } from '../grid';

/** First voxel (z, y, x) and numbers of voxels of a box. */
export interface Box3 {
  start: Vec3;
  shape: Vec3;
}

/** Labels, and the intensities of the source where they are asked for, of a box of the volume. */
export interface Block extends Box3 {
  labels: Uint8Array;
  intensities: Int16Array | Float32Array | null;
  /** Values by which the rules of painting judge, where they have a range; else null or left out. */
  judged?: Float32Array | null;
  spacingMm: Vec3;
}

export const size = ([z, y, x]: Readonly<Vec3>): number => z * y * x;

export const offset = ([, rows, columns]: Readonly<Vec3>, [z, y, x]: Readonly<Vec3>): number =>
  (z * rows + y) * columns + x;

/** Distance in memory from a voxel to the next along each axis. */
export const strides = ([, rows, columns]: Readonly<Vec3>): Vec3 => [rows * columns, columns, 1];

/** The smallest box around voxels for which `keep` is 1, by value; null where there is none. */
export function boundsOf(values: Uint8Array, shape: Readonly<Vec3>, keep: Uint8Array): Box3 | null {
  const low: Vec3 = [...shape];
  const high: Vec3 = [-1, -1, -1];
  const [depth, rows, columns] = shape;
  for (let z = 0, i = 0; z < depth; z += 1) {
    for (let y = 0; y < rows; y += 1, i += columns) {
      let first = 0;
      while (first < columns && keep[values[i + first] as number] === 0) first += 1;
      if (first === columns) continue;
      let last = columns - 1;
      while (keep[values[i + last] as number] === 0) last -= 1;
      extend(low, high, [z, y, first]);
      extend(low, high, [z, y, last]);
    }
  }
  if (high[0] < 0) return null;
  return { start: low, shape: low.map((n, axis) => (high[axis] as number) - n + 1) as Vec3 };
}

/** A box made larger by some voxels on each side along each axis, as far as the volume goes. */
export function widened({ start, shape }: Box3, by: Readonly<Vec3>, within: Readonly<Vec3>): Box3 {
  const low = start.map((n, axis) => Math.max(0, n - (by[axis] as number))) as Vec3;
  const high = start.map((n, axis) =>
    Math.min(within[axis] as number, n + (shape[axis] as number) + (by[axis] as number)),
  ) as Vec3;
  return { start: low, shape: high.map((n, axis) => n - (low[axis] as number)) as Vec3 };
}

/** Voxels along each axis that hold a distance; none along an axis that is one voxel thick. */
export function reach(mm: number, spacingMm: Readonly<Vec3>, shape: Readonly<Vec3>): Vec3 {
  return spacingMm.map((step, axis) => ((shape[axis] as number) > 1 ? Math.ceil(mm / step) + 1 : 0)) as Vec3;
}

/** The values of a box within a larger one of this shape, copied. */
export function cut<Values extends Uint8Array | Int16Array | Float32Array>(
  values: Values,
  shape: Readonly<Vec3>,
  box: Box3,
): Values {
  const [depth, rows, columns] = box.shape;
  const Kind = values.constructor as new (length: number) => Values;
  const result = new Kind(size(box.shape));
  for (let z = 0, to = 0; z < depth; z += 1) {
    for (let y = 0; y < rows; y += 1, to += columns) {
      const from = offset(shape, [box.start[0] + z, box.start[1] + y, box.start[2]]);
      result.set(values.subarray(from, from + columns), to);
    }
  }
  return result;
}

/** Put the values of a box into a larger one of this shape. */
export function paste(into: Uint8Array, shape: Readonly<Vec3>, values: Uint8Array, box: Box3): void {
  const [depth, rows, columns] = box.shape;
  for (let z = 0, from = 0; z < depth; z += 1) {
    for (let y = 0; y < rows; y += 1, from += columns) {
      const to = offset(shape, [box.start[0] + z, box.start[1] + y, box.start[2]]);
      into.set(values.subarray(from, from + columns), to);
    }
  }
}

/** 1 where the labels are this one. */
export function maskOf(labels: Uint8Array, label: number): Uint8Array {
  const mask = new Uint8Array(labels.length);
  for (let i = 0; i < mask.length; i += 1) if (labels[i] === label) mask[i] = 1;
  return mask;
}

function extend(low: Vec3, high: Vec3, zyx: Vec3): void {
  for (let axis = 0; axis < 3; axis += 1) {
    low[axis] = Math.min(low[axis] as number, zyx[axis] as number);
    high[axis] = Math.max(high[axis] as number, zyx[axis] as number);
  }
}
