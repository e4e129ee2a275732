/** Outlines that are drawn in a slice. Points are in voxels; sizes are true in mm. */
import type { Point } from './slice';

export const SHAPES = ['freehand', 'rectangle', 'circle'] as const;
export type Shape = (typeof SHAPES)[number];

/** Corners of the regular polygon that stands for a circle; it stays within 0.02 % of the radius. */
const CORNERS = 180;
/** Points of a spline between two of those that were set. */
const PER_SEGMENT = 16;

/** With sides along the voxels, between two opposite corners. */
export function rectangle([u0, v0]: Point, [u1, v1]: Point): Point[] {
  return [
    [u0, v0],
    [u1, v0],
    [u1, v1],
    [u0, v1],
  ];
}

/** Around a middle through a point; mm: size of a voxel along u and v. */
export function circle([u, v]: Point, [u1, v1]: Point, [du, dv]: readonly [number, number]): Point[] {
  const radius = Math.hypot((u1 - u) * du, (v1 - v) * dv);
  return Array.from({ length: CORNERS }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / CORNERS;
    return [u + (radius / du) * Math.cos(angle), v + (radius / dv) * Math.sin(angle)];
  });
}

/**
 * The closed uniform Catmull-Rom spline through points; two or fewer are given back as they are.
 *
 * Source: E. Catmull, R. Rom, A class of local interpolating splines, 1974.
 */
export function closedSpline(points: readonly Point[]): Point[] {
  if (points.length < 3) return [...points];
  return points.flatMap((_, i) => {
    const [a, b, c, d] = [-1, 0, 1, 2].map((step) => around(points, i + step)) as [
      Point,
      Point,
      Point,
      Point,
    ];
    return Array.from({ length: PER_SEGMENT }, (_step, n): Point => {
      const t = n / PER_SEGMENT;
      return [cubic(a[0], b[0], c[0], d[0], t), cubic(a[1], b[1], c[1], d[1], t)];
    });
  });
}

function cubic(a: number, b: number, c: number, d: number, t: number): number {
  return (
    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t ** 2 + (3 * b - a - 3 * c + d) * t ** 3)
  );
}

const around = (points: readonly Point[], i: number): Point =>
  points[(i + points.length) % points.length] ?? [0, 0];
