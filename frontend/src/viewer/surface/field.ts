/** How much of each block of voxels a label fills, as a grid of few enough samples to draw its surface quickly. */
import type { Vec3 } from '../grid';

export interface Field {
  /** (Z, Y, X) float32, 0 to 1; its rim is empty, so that surfaces close. */
  values: Float32Array;
  shapeZyx: Vec3;
  /** Voxels that a sample stands for along each axis. */
  stepZyx: Vec3;
  /** Voxel index of the middle of sample (0, 0, 0), which may lie outside the volume. */
  originZyx: Vec3;
}

/** Smallest box of a label: first voxel and the one after the last, along each axis. */
export interface Box {
  from: Vec3;
  to: Vec3;
}

const MOST_SAMPLES = 500_000;
const FINEST_MM = 0.8;

/** Boxes of all labels by value, in labels (Z·Y·X,). */
export function boxesOf(labels: Uint8Array, shapeZyx: Readonly<Vec3>): Map<number, Box> {
  const boxes = new Map<number, Box>();
  const [depth, height, width] = shapeZyx;
  let i = 0;
  for (let z = 0; z < depth; z += 1) {
    for (let y = 0; y < height; y += 1) {
      let last = 0;
      for (let x = 0; x < width; x += 1, i += 1) {
        const value = labels[i] ?? 0;
        if (value === 0) {
          last = 0;
          continue;
        }
        if (value === last && (labels[i + 1] ?? 0) === value) continue; // inside a run nothing new is learnt
        last = value;
        widen(boxes, value, z, y, x);
      }
    }
  }
  return boxes;
}

/** Voxels along each axis that become one sample. */
export function stepsFor({ from, to }: Box, spacingZyxMm: Readonly<Vec3>): Vec3 {
  let mm = FINEST_MM;
  for (;;) {
    const steps = spacingZyxMm.map((spacing) => Math.max(Math.round(mm / spacing), 1)) as Vec3;
    const samples = steps.reduce(
      (product, step, axis) => product * (((to[axis] ?? 0) - (from[axis] ?? 0)) / step + 3),
      1,
    );
    if (samples <= MOST_SAMPLES || mm > 20) return steps;
    mm *= 1.15;
  }
}

/** How much of each block of voxels has the label. */
export function fieldOf(
  labels: Uint8Array,
  shapeZyx: Readonly<Vec3>,
  value: number,
  { from, to }: Box,
  stepZyx: Vec3,
): Field {
  const shape = stepZyx.map(
    (step, axis) => Math.ceil(((to[axis] ?? 0) - (from[axis] ?? 0)) / step) + 2,
  ) as Vec3;
  const values = new Float32Array(shape[0] * shape[1] * shape[2]);
  const share = 1 / (stepZyx[0] * stepZyx[1] * stepZyx[2]);
  for (let z = from[0]; z < to[0]; z += 1) {
    const plane = (Math.floor((z - from[0]) / stepZyx[0]) + 1) * shape[1];
    for (let y = from[1]; y < to[1]; y += 1) {
      const row = (plane + Math.floor((y - from[1]) / stepZyx[1]) + 1) * shape[2] + 1;
      const line = (z * shapeZyx[1] + y) * shapeZyx[2];
      for (let x = from[2]; x < to[2]; x += 1) {
        if (labels[line + x] !== value) continue;
        const sample = row + Math.floor((x - from[2]) / stepZyx[2]);
        values[sample] = (values[sample] ?? 0) + share;
      }
    }
  }
  const originZyx = stepZyx.map((step, axis) => (from[axis] ?? 0) - step + (step - 1) / 2) as Vec3;
  return { values, shapeZyx: shape, stepZyx, originZyx };
}

function widen(boxes: Map<number, Box>, value: number, z: number, y: number, x: number): void {
  const box = boxes.get(value);
  if (!box) {
    boxes.set(value, { from: [z, y, x], to: [z + 1, y + 1, x + 1] });
    return;
  }
  const { from, to } = box;
  to[0] = z + 1; // slices come in order
  if (y < from[1]) from[1] = y;
  if (y >= to[1]) to[1] = y + 1;
  if (x < from[2]) from[2] = x;
  if (x >= to[2]) to[2] = x + 1;
}
