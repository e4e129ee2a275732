import { describe, expect, it } from 'vitest';

import { makeGrid, toLps, type Vec3 } from '../grid';
import { boxesOf, fieldOf, stepsFor } from './field';
import { march } from './march';
import { enclosed, type Frame, meshOf } from './mesh';
import { firstVoxel } from './ray';

const SHAPE: Vec3 = [20, 30, 40];
const SPACING: Vec3 = [2, 1, 1];
/** Slices run towards the feet, so that the axes of the array are left-handed. */
const AFFINE = [
  [0, 0, 1, -10],
  [0, 1, 0, 20],
  [-2, 0, 0, 5],
  [0, 0, 0, 1],
];
const FRAME: Frame = { shapeZyx: SHAPE, spacingZyxMm: SPACING, affine: AFFINE };
const index = (z: number, y: number, x: number): number => (z * SHAPE[1] + y) * SHAPE[2] + x;

function labelsWhere(value: number, inside: (z: number, y: number, x: number) => boolean): Uint8Array {
  const labels = new Uint8Array(SHAPE[0] * SHAPE[1] * SHAPE[2]);
  for (let z = 0; z < SHAPE[0]; z += 1)
    for (let y = 0; y < SHAPE[1]; y += 1)
      for (let x = 0; x < SHAPE[2]; x += 1) if (inside(z, y, x)) labels[index(z, y, x)] = value;
  return labels;
}

const ball = labelsWhere(5, (z, y, x) => Math.hypot(2 * (z - 10), y - 15, x - 20) <= 9);
const ballBox = boxesOf(ball, SHAPE).get(5) ?? { from: [0, 0, 0], to: SHAPE };

describe('the box of a label', () => {
  it('holds all its voxels and no more', () => {
    const labels = labelsWhere(3, (z, y, x) => z >= 2 && z < 5 && y === 7 && x >= 4 && x < 9);
    labels[index(19, 29, 39)] = 4;
    labels[index(0, 0, 0)] = 4;
    const boxes = boxesOf(labels, SHAPE);
    expect(boxes.get(3)).toEqual({ from: [2, 7, 4], to: [5, 8, 9] });
    expect(boxes.get(4)).toEqual({ from: [0, 0, 0], to: [20, 30, 40] });
    expect(boxes.size).toBe(2);
  });
});

describe('the samples of a label', () => {
  it('are its voxels where these are few, and blocks of them where they are many', () => {
    expect(stepsFor({ from: [0, 0, 0], to: [20, 30, 40] }, SPACING)).toEqual([1, 1, 1]);
    const [z, y, x] = stepsFor({ from: [0, 0, 0], to: [160, 448, 448] }, [1.2, 0.8, 0.8]);
    expect((160 / z) * (448 / y) * (448 / x)).toBeLessThanOrEqual(500_000);
  });

  it('add up to the voxels of the label', () => {
    const { values } = fieldOf(ball, SHAPE, 5, ballBox, [2, 3, 2]);
    const voxels = ball.filter((value) => value === 5).length;
    expect(values.reduce((sum, share) => sum + share, 0) * 12).toBeCloseTo(voxels, 2);
  });
});

describe('the surface of a label', () => {
  it('lies half a voxel outside of the middle of one voxel, before it is smoothed', () => {
    const one = labelsWhere(1, (z, y, x) => z === 4 && y === 5 && x === 6);
    const field = fieldOf(one, SHAPE, 1, { from: [4, 5, 6], to: [5, 6, 7] }, [1, 1, 1]);
    const { points, triangles } = march(field, 0.5);
    expect(triangles).toHaveLength(8 * 3); // an octahedron
    expect([...points].sort((a, b) => a - b).slice(0, 1)).toEqual([3.5]);
    expect(points).toHaveLength(6 * 3);
  });

  it('encloses as much as the voxels of a ball, though axes are left-handed and uneven', () => {
    const mesh = meshOf(ball, FRAME, 5, ballBox);
    const mm3 = ball.filter((value) => value === 5).length * 2;
    expect(enclosed(mesh) / mm3).toBeGreaterThan(0.95);
    expect(enclosed(mesh) / mm3).toBeLessThan(1.03);
  });

  it('lies where the label lies in the patient, and looks outwards', () => {
    const { points, normals } = meshOf(ball, FRAME, 5, ballBox);
    const middle: Vec3 = [10, 35, -15]; // of voxel (10, 15, 20)
    for (let n = 0; n < points.length; n += 3) {
      const out = [0, 1, 2].map((axis) => (points[n + axis] ?? 0) - (middle[axis] ?? 0)) as Vec3;
      expect(Math.hypot(...out)).toBeGreaterThan(7.5);
      expect(Math.hypot(...out)).toBeLessThan(10.5);
      const cosine =
        out.reduce((sum, mm, axis) => sum + mm * (normals[n + axis] ?? 0), 0) / Math.hypot(...out);
      expect(cosine).toBeGreaterThan(0.6);
    }
  });

  it('is closed: each edge belongs to two triangles, once either way', () => {
    const { triangles } = meshOf(ball, FRAME, 5, ballBox);
    const edges = new Set<string>();
    for (let n = 0; n < triangles.length; n += 3)
      for (let corner = 0; corner < 3; corner += 1)
        edges.add(`${triangles[n + corner]}-${triangles[n + ((corner + 1) % 3)]}`);
    expect(edges.size).toBe(triangles.length);
    for (const edge of edges) expect(edges.has(edge.split('-').reverse().join('-'))).toBe(true);
  });
});

describe('a look into the volume', () => {
  const grid = makeGrid(SHAPE, AFFINE);
  const labelAt = ([z, y, x]: Readonly<Vec3>): number => ball[index(z, y, x)] ?? 0;

  it('meets the nearest voxel of a label that is seen', () => {
    const to = toLps(grid, [10, 15, 39]);
    const from = toLps(grid, [10, 15, -200]);
    expect(firstVoxel(grid, labelAt, (label) => label === 5, from, to)).toEqual([10, 15, 11]);
  });

  it('meets nothing where no label is seen', () => {
    const to = toLps(grid, [10, 15, 39]);
    const from = toLps(grid, [10, 15, -200]);
    expect(firstVoxel(grid, labelAt, (label) => label === 6, from, to)).toBeNull();
  });
});
