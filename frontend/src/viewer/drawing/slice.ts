/** One slice of voxels as a pane shows it: its two axes and the way from them to the voxels of the mask. */
import { at, type Grid, type Vec3 } from '../grid';

export type Axis = 0 | 1 | 2;

/** A place in a slice, in voxels along its two axes; whole numbers are the middles of voxels. */
export type Point = readonly [u: number, v: number];

/** Axes of the arrays (z, y, x) that lie in a slice: u runs along its rows, v across them. */
export interface SliceAxes {
  /** Along which slices follow each other. */
  axis: Axis;
  u: Axis;
  v: Axis;
}

export interface SliceShape extends SliceAxes {
  /** Voxels along u and v. */
  size: readonly [number, number];
  /** mm of a voxel along u and v. */
  mm: readonly [number, number];
}

const AXES: Record<Axis, SliceAxes> = {
  0: { axis: 0, u: 2, v: 1 },
  1: { axis: 1, u: 2, v: 0 },
  2: { axis: 2, u: 1, v: 0 },
};

/** The slices along an array axis. */
export function sliceShape(
  { shapeZyx, spacingZyxMm }: Pick<Grid, 'shapeZyx' | 'spacingZyxMm'>,
  axis: Axis,
): SliceShape {
  const { u, v } = AXES[axis];
  const of = (values: Readonly<Vec3>): [number, number] => [at(values, u), at(values, v)];
  return { axis, u, v, size: of(shapeZyx), mm: of(spacingZyxMm) };
}

/** The place of an index (z, y, x) in its slice. */
export const toPoint = ({ u, v }: SliceAxes, zyx: Readonly<Vec3>): Point => [at(zyx, u), at(zyx, v)];

/** The index (z, y, x) of a place in a slice. */
export function toZyx({ axis, u, v }: SliceAxes, slice: number, [pu, pv]: Point): Vec3 {
  const zyx: Vec3 = [0, 0, 0];
  zyx[axis] = slice;
  zyx[u] = pu;
  zyx[v] = pv;
  return zyx;
}
