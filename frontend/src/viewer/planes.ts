/** The three standard planes, turned to the nearest axes of a grid so that a pane always shows whole slices. */
import { at, cross, dot, type Grid, scale, sideLetters, type Vec3 } from './grid';

export const PLANES = ['axial', 'sagittal', 'coronal'] as const;
export type PlaneName = (typeof PLANES)[number];

export interface Plane {
  name: PlaneName;
  /** Array axis along which this plane is scrolled: 0 = z, 1 = y, 2 = x. */
  axis: 0 | 1 | 2;
  right: Vec3;
  up: Vec3;
  /** From the picture towards the viewer. */
  normal: Vec3;
  letters: { left: string; right: string; top: string; bottom: string };
}

const HEAD: Vec3 = [0, 0, 1];
const LEFT: Vec3 = [1, 0, 0];
const POSTERIOR: Vec3 = [0, 1, 0];
const ANTERIOR: Vec3 = [0, -1, 0];

/** What each plane looks along, and what lies right and up on the screen, as radiologists expect. */
const STANDARD: Record<PlaneName, { along: Vec3; right: Vec3; up: Vec3 }> = {
  axial: { along: HEAD, right: LEFT, up: ANTERIOR },
  sagittal: { along: LEFT, right: POSTERIOR, up: HEAD },
  coronal: { along: POSTERIOR, right: LEFT, up: HEAD },
};

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** The plane of each name on a grid. Every array axis is scrolled by exactly one plane. */
export function planesOf(grid: Grid): Record<PlaneName, Plane> {
  const fit = (order: (typeof ORDERS)[number]): number =>
    PLANES.reduce(
      (sum, name, i) => sum + Math.abs(dot(direction(grid, order[i] ?? 0), STANDARD[name].along)),
      0,
    );
  const order = [...ORDERS].sort((p, q) => fit(q) - fit(p))[0] ?? ORDERS[0];
  return Object.fromEntries(PLANES.map((name, i) => [name, plane(grid, name, order[i] ?? 0)])) as Record<
    PlaneName,
    Plane
  >;
}

/** The plane in which slices were stored, on which an annotator works. */
export function storedPlane(planes: Record<PlaneName, Plane>): PlaneName {
  return PLANES.find((name) => planes[name].axis === 0) ?? 'axial';
}

/** Number of slices that a plane scrolls through. */
export const sliceCount = (grid: Grid, { axis }: Plane): number => at(grid.shapeZyx, axis);

function plane(grid: Grid, name: PlaneName, axis: 0 | 1 | 2): Plane {
  const inPlane = ([0, 1, 2] as const).filter((n) => n !== axis).map((n) => direction(grid, n));
  const right = nearest(inPlane, STANDARD[name].right);
  const up = nearest(
    inPlane.filter((d) => Math.abs(dot(d, right)) < 0.5),
    STANDARD[name].up,
  );
  const letters = {
    left: sideLetters(scale(right, -1)),
    right: sideLetters(right),
    top: sideLetters(up),
    bottom: sideLetters(scale(up, -1)),
  };
  return { name, axis, right, up, normal: cross(right, up), letters };
}

const direction = (grid: Grid, axis: 0 | 1 | 2): Vec3 => grid.directions[axis];

function nearest(candidates: Vec3[], wanted: Vec3): Vec3 {
  const best =
    [...candidates].sort((p, q) => Math.abs(dot(q, wanted)) - Math.abs(dot(p, wanted)))[0] ?? wanted;
  return dot(best, wanted) < 0 ? scale(best, -1) : best;
}
