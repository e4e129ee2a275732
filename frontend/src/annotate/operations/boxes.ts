/** Which voxels an operation is given to work on. */
import {
  at,
  type Axis,
  type Box3,
  type Grid,
  reach,
  sliceBox,
  type Vec3,
  type Viewer,
  widened,
} from '../../viewer';

/** Stored slices that have a label, and mm around them. */
export function slabAround(grid: Grid, [first, last]: readonly [number, number], mm: number): Box3 {
  const [, rows, columns] = grid.shapeZyx;
  const slab: Box3 = { start: [first, 0, 0], shape: [last - first + 1, rows, columns] };
  return widened(slab, reach(mm, grid.spacingZyxMm, grid.shapeZyx), grid.shapeZyx);
}

/** Slices across an axis, from one to another in any order. */
export function slicesBetween(grid: Grid, axis: Axis, a: number, b: number): Box3 {
  const box = sliceBox(grid.shapeZyx, axis, Math.min(a, b));
  box.shape[axis] = Math.abs(a - b) + 1;
  return box;
}

/** A box that holds a ball. */
export function boxAround(grid: Grid, zyx: Vec3, mm: number): Box3 {
  return widened(
    { start: zyx, shape: [1, 1, 1] },
    reach(mm, grid.spacingZyxMm, grid.shapeZyx),
    grid.shapeZyx,
  );
}

/** Where a voxel of the volume lies in a box. */
export const within = ({ start }: Box3, zyx: Vec3): Vec3 => zyx.map((n, axis) => n - at(start, axis)) as Vec3;

/** Intensities (Z·Y·X,) of a box, given its slices (Y·X,) of the volume; null where one has not arrived. */
export function intensitiesOf(
  viewer: Viewer,
  { start, shape }: Box3,
  slice: (z: number) => ArrayLike<number> | null,
): Float32Array<ArrayBuffer> | null {
  const width = viewer.grid.shapeZyx[2];
  const [depth, rows, columns] = shape;
  const values = new Float32Array(depth * rows * columns);
  for (let z = 0, to = 0; z < depth; z += 1) {
    const pixels = slice(start[0] + z);
    if (!pixels) return null;
    for (let y = 0; y < rows; y += 1) {
      const from = (start[1] + y) * width + start[2];
      for (let x = 0; x < columns; x += 1, to += 1) values[to] = pixels[from + x] ?? 0;
    }
  }
  return values;
}
