/** From the labels of a volume to a smooth surface in the patient. */
import type { Vec3 } from '../grid';
import { type Box, fieldOf, stepsFor } from './field';
import { march } from './march';

/** A closed surface in LPS mm. */
export interface Mesh {
  /** (N, 3) */
  points: Float32Array;
  /** (N, 3) unit vectors, outwards. */
  normals: Float32Array;
  /** (M, 3), counter-clockwise seen from outside. */
  triangles: Uint32Array;
}

export interface Frame {
  shapeZyx: Vec3;
  spacingZyxMm: Vec3;
  /** (z, y, x, 1) to LPS mm, 4 by 4. */
  affine: readonly (readonly number[])[];
}

/** Half of a voxel is the boundary of whole voxels; of blocks, less, or thin vessels would break. */
const LEVEL = 0.5;
const LEVEL_OF_BLOCKS = 0.35;

/** Steps of Taubin's smoothing (SIGGRAPH 1995), which does not shrink: one inwards, one outwards. */
const SMOOTHING_STEPS = 8;
const INWARDS = 0.5;
const OUTWARDS = -0.53;

/** The surface of a label in labels (Z·Y·X,). */
export function meshOf(labels: Uint8Array, frame: Frame, value: number, box: Box): Mesh {
  const steps = stepsFor(box, frame.spacingZyxMm);
  const field = fieldOf(labels, frame.shapeZyx, value, box, steps);
  const { points, triangles } = march(field, steps.every((step) => step === 1) ? LEVEL : LEVEL_OF_BLOCKS);
  toPatient(points, frame.affine);
  for (let n = 0; n < SMOOTHING_STEPS; n += 1) {
    relax(points, triangles, INWARDS);
    relax(points, triangles, OUTWARDS);
  }
  if (enclosed({ points, triangles }) < 0) turn(triangles);
  return { points, triangles, normals: normalsOf(points, triangles) };
}

/** Volume in mm³ within a closed surface; negative where its triangles are turned inwards. */
export function enclosed({ points: p, triangles }: Pick<Mesh, 'points' | 'triangles'>): number {
  let six = 0;
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * (triangles[n + corner] ?? 0)) as Vec3;
    const at = (i: number): number => p[i] ?? 0;
    six +=
      at(a) * (at(b + 1) * at(c + 2) - at(b + 2) * at(c + 1)) +
      at(a + 1) * (at(b + 2) * at(c) - at(b) * at(c + 2)) +
      at(a + 2) * (at(b) * at(c + 1) - at(b + 1) * at(c));
  }
  return six / 6;
}

function toPatient(points: Float32Array, affine: Frame['affine']): void {
  const rows = [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => affine[row]?.[column] ?? 0));
  for (let n = 0; n < points.length; n += 3) {
    const [z, y, x] = [points[n] ?? 0, points[n + 1] ?? 0, points[n + 2] ?? 0];
    rows.forEach(([a = 0, b = 0, c = 0, d = 0], axis) => {
      points[n + axis] = a * z + b * y + c * x + d;
    });
  }
}

/** Move every vertex by a share of the way to the middle of its neighbours. */
function relax(points: Float32Array, triangles: Uint32Array, share: number): void {
  const { sums, counts } = neighbours(points, triangles);
  for (let n = 0; n < points.length; n += 1) {
    const count = counts[Math.floor(n / 3)] ?? 0;
    const here = points[n] ?? 0;
    if (count > 0) points[n] = here + share * ((sums[n] ?? 0) / count - here);
  }
}

/** Sum (N, 3) and number (N,) of the vertices next to each. Each edge of a closed surface is met once either way. */
function neighbours(
  points: Float32Array,
  triangles: Uint32Array,
): { sums: Float32Array; counts: Uint16Array } {
  const sums = new Float32Array(points.length);
  const counts = new Uint16Array(points.length / 3);
  for (let n = 0; n < triangles.length; n += 1) {
    const from = triangles[n] ?? 0;
    const to = 3 * (triangles[n % 3 === 2 ? n - 2 : n + 1] ?? 0);
    for (let axis = 0; axis < 3; axis += 1) {
      sums[3 * from + axis] = (sums[3 * from + axis] ?? 0) + (points[to + axis] ?? 0);
    }
    counts[from] = (counts[from] ?? 0) + 1;
  }
  return { sums, counts };
}

function turn(triangles: Uint32Array): void {
  for (let n = 0; n < triangles.length; n += 3) {
    const second = triangles[n + 1] ?? 0;
    triangles[n + 1] = triangles[n + 2] ?? 0;
    triangles[n + 2] = second;
  }
}

/** Mean of the triangles round a vertex, the larger counting more. */
function normalsOf(points: Float32Array, triangles: Uint32Array): Float32Array {
  const normals = new Float32Array(points.length);
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [0, 1, 2].map((corner) => 3 * (triangles[n + corner] ?? 0)) as Vec3;
    const u = [0, 1, 2].map((axis) => (points[b + axis] ?? 0) - (points[a + axis] ?? 0)) as Vec3;
    const v = [0, 1, 2].map((axis) => (points[c + axis] ?? 0) - (points[a + axis] ?? 0)) as Vec3;
    const face = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
    for (const corner of [a, b, c]) {
      face.forEach((size, axis) => {
        normals[corner + axis] = (normals[corner + axis] ?? 0) + size;
      });
    }
  }
  for (let n = 0; n < normals.length; n += 3) {
    const size = Math.hypot(normals[n] ?? 0, normals[n + 1] ?? 0, normals[n + 2] ?? 0) || 1;
    for (let axis = 0; axis < 3; axis += 1) normals[n + axis] = (normals[n + axis] ?? 0) / size;
  }
  return normals;
}
