import { describe, expect, it } from 'vitest';

import { complement, rasterise, spansOf } from './rasterise';
import { circle, closedSpline, rectangle } from './shapes';
import type { Point } from './slice';

const SIZE = [40, 30] as const;

/** Voxels of a polygon, by row and column. */
function voxels(outline: readonly Point[]): Set<string> {
  const found = new Set<string>();
  rasterise(outline, SIZE, (v, first, last) => {
    for (let u = first; u <= last; u += 1) found.add(`${u},${v}`);
  });
  return found;
}

/** Turns of an outline around a point, summed up from angles: another way than by crossings of rows. */
function turns(outline: readonly Point[], [u, v]: Point): number {
  const angles = outline.map(([a, b]) => Math.atan2(b - v, a - u));
  const sum = angles.reduce((total, angle, i) => {
    const step = (angles[(i + 1) % angles.length] ?? 0) - angle;
    return total + Math.atan2(Math.sin(step), Math.cos(step));
  }, 0);
  return Math.round(sum / (2 * Math.PI));
}

function expected(outline: readonly Point[]): Set<string> {
  const found = new Set<string>();
  for (let v = 0; v < SIZE[1]; v += 1) {
    for (let u = 0; u < SIZE[0]; u += 1) if (turns(outline, [u, v]) !== 0) found.add(`${u},${v}`);
  }
  return found;
}

const STAR: Point[] = Array.from({ length: 5 }, (_, i) => {
  const angle = (4 * Math.PI * i) / 5 + 0.1;
  return [20.3 + 12 * Math.cos(angle), 15.2 + 12 * Math.sin(angle)];
});

const OUTLINES: Record<string, Point[]> = {
  triangle: [
    [2.2, 3.1],
    [35.7, 8.4],
    [11.9, 27.3],
  ],
  'a star that crosses itself': STAR,
  'a star the other way round': [...STAR].reverse(),
  'a bow of two turns': [
    [5.1, 5.2],
    [30.3, 25.4],
    [30.3, 5.2],
    [5.1, 25.4],
  ],
  'partly outside': [
    [-10.3, -7.2],
    [25.4, 12.7],
    [60.8, 50.1],
    [-5.5, 22.2],
  ],
  circle: circle([20.2, 14.9], [27.3, 18.1], [1.1, 0.8]),
  spline: closedSpline([
    [6.3, 6.2],
    [30.1, 4.4],
    [33.2, 22.7],
    [12.8, 25.1],
  ]),
};

describe('voxels of an outline', () => {
  it.each(Object.entries(OUTLINES))('are those that it winds around: %s', (_, outline) => {
    expect(voxels(outline)).toEqual(expected(outline));
  });

  it('are shared by no two outlines with a common edge', () => {
    const left = voxels(rectangle([2, 2], [10, 9]));
    const right = voxels(rectangle([10, 2], [20, 9]));
    expect([...left].filter((voxel) => right.has(voxel))).toEqual([]);
    expect(left.size + right.size).toBe(18 * 7);
  });

  it('and all others make up the slice', () => {
    const inside = voxels(STAR);
    let outside = 0;
    complement(spansOf(STAR, SIZE), SIZE, (v, first, last) => {
      for (let u = first; u <= last; u += 1) expect(inside.has(`${u},${v}`)).toBe(false);
      outside += last - first + 1;
    });
    expect(outside + inside.size).toBe(SIZE[0] * SIZE[1]);
  });
});

describe('a circle', () => {
  it('is round in mm on voxels that are not square', () => {
    const radius = Math.hypot(7 * 1.1, 3 * 0.8);
    for (const [u, v] of circle([20, 15], [27, 18], [1.1, 0.8])) {
      expect(Math.hypot((u - 20) * 1.1, (v - 15) * 0.8)).toBeCloseTo(radius, 9);
    }
  });
});

describe('a spline', () => {
  it('goes through its points', () => {
    const points: Point[] = [
      [1, 2],
      [9, 3],
      [7, 11],
    ];
    const curve = closedSpline(points);
    for (const point of points) expect(curve).toContainEqual(point);
  });

  it('is the straight line between four points of a line, in its middle', () => {
    const curve = closedSpline([
      [0, 0],
      [1, 2],
      [2, 4],
      [3, 6],
    ]);
    for (const [u, v] of curve.slice(16, 32)) expect(v).toBeCloseTo(2 * u, 12);
  });
});
