/** The round brush: a disc in the slice shown, or a ball, of true size on voxels of any shape. */
import { at, type Grid, type Vec3 } from '../grid';
import { type Axis, sliceShape } from './slice';
import { type PlaceMm, rowWithin } from './sweep';

/** Voxels in a row: from an index (z, y, x), `count` of them along an axis. */
export type EachRow = (start: Readonly<Vec3>, along: Axis, count: number) => void;

export interface BrushTip {
  radiusMm: number;
  /** Axis along which the shown slices follow each other. */
  axis: Axis;
  /** A ball in all directions rather than a disc in the slice. */
  ball: boolean;
}

type Space = Pick<Grid, 'shapeZyx' | 'spacingZyxMm'>;

/**
 * Every voxel whose middle the tip comes over on its way between two indices (z, y, x), and the voxels under its
 * middle, however small it is.
 */
export function sweep(
  space: Space,
  tip: BrushTip,
  from: Readonly<Vec3>,
  to: Readonly<Vec3>,
  each: EachRow,
): void {
  const along: Axis = tip.axis === 2 && !tip.ball ? 1 : 2;
  const across = ([0, 1, 2] as const).filter((axis) => axis !== along && (tip.ball || axis !== tip.axis));
  const mm = (zyx: Readonly<Vec3>, axis: Axis): number => at(zyx, axis) * at(space.spacingZyxMm, axis);
  const place = (zyx: Readonly<Vec3>): PlaceMm => ({
    along: mm(zyx, along),
    across: across.map((axis) => mm(zyx, axis)),
  });
  const [a, b] = [place(from), place(to)];
  const rows = across.map((axis) => reach(space, axis, from, to, tip.radiusMm));
  const start: Vec3 = [Math.round(from[0]), Math.round(from[1]), Math.round(from[2])];
  const visit = (depth: number, at_: number[]): void => {
    const range = rows[depth];
    const axis = across[depth];
    if (range === undefined || axis === undefined) {
      const piece = rowWithin(a, b, at_, tip.radiusMm);
      if (piece) tell(space, along, start, piece, each);
      return;
    }
    for (let n = range[0]; n <= range[1]; n += 1) {
      start[axis] = n;
      visit(depth + 1, [...at_, n * at(space.spacingZyxMm, axis)]);
    }
  };
  visit(0, []);
  underTheMiddle(space, tip.axis, from, to, each);
}

function tell(space: Space, along: Axis, start: Vec3, [from, to]: [number, number], each: EachRow): void {
  const mm = at(space.spacingZyxMm, along);
  const first = Math.max(Math.ceil(from / mm - 1e-9), 0);
  const last = Math.min(Math.floor(to / mm + 1e-9), at(space.shapeZyx, along) - 1);
  if (last < first) return;
  const begin: Vec3 = [...start];
  begin[along] = first;
  each(begin, along, last - first + 1);
}

/** Indices along an axis that the tip can come to. */
function reach(
  space: Space,
  axis: Axis,
  from: Readonly<Vec3>,
  to: Readonly<Vec3>,
  radiusMm: number,
): [number, number] {
  const radius = radiusMm / at(space.spacingZyxMm, axis);
  const [low, high] = [Math.min(at(from, axis), at(to, axis)), Math.max(at(from, axis), at(to, axis))];
  return [
    Math.max(Math.ceil(low - radius - 1e-9), 0),
    Math.min(Math.floor(high + radius + 1e-9), at(space.shapeZyx, axis) - 1),
  ];
}

function underTheMiddle(
  space: Space,
  axis: Axis,
  from: Readonly<Vec3>,
  to: Readonly<Vec3>,
  each: EachRow,
): void {
  const { u, v } = sliceShape(space, axis);
  const steps =
    Math.ceil(2 * Math.max(Math.abs(at(to, u) - at(from, u)), Math.abs(at(to, v) - at(from, v)))) || 1;
  for (let step = 0; step <= steps; step += 1) {
    const zyx = from.map((n, i) => Math.round(n + ((at(to, i) - n) * step) / steps)) as Vec3;
    if (zyx.every((n, i) => n >= 0 && n < at(space.shapeZyx, i))) each(zyx, 2, 1);
  }
}
