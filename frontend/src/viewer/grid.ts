/** Where voxels lie in the patient. Arrays are (z, y, x); positions are LPS in mm, as on the server. */

export type Vec3 = [number, number, number];
export type Affine = readonly (readonly number[])[];

/** The grid of one volume. `affine` maps (z, y, x, 1) to LPS mm; slices are sorted along cross(row, column). */
export interface Grid {
  shapeZyx: Vec3;
  affine: Affine;
  spacingZyxMm: Vec3;
  /** Unit LPS direction of each array axis: z, y, x. */
  directions: readonly [Vec3, Vec3, Vec3];
  originLps: Vec3;
}

/** Raises RangeError when shape or affine are not those of a volume. */
export function makeGrid(shapeZyx: readonly number[], affine: Affine): Grid {
  const [z, y, x] = shapeZyx;
  if (!z || !y || !x || affine.length !== 4) {
    throw new RangeError(`need a shape of three sizes and a 4 by 4 affine, got [${shapeZyx.join(', ')}]`);
  }
  const columns = [column(affine, 0), column(affine, 1), column(affine, 2)] as const;
  const spacing = columns.map(length) as Vec3;
  if (spacing.some((mm) => !(mm > 0))) throw new RangeError('the affine has an axis without length');
  return {
    shapeZyx: [z, y, x],
    affine,
    spacingZyxMm: spacing,
    directions: columns.map((v, i) => scale(v, 1 / (spacing[i] ?? 1))) as [Vec3, Vec3, Vec3],
    originLps: column(affine, 3),
  };
}

/** LPS position in mm of an index (z, y, x), which may lie between voxels. */
export function toLps(grid: Grid, zyx: Readonly<Vec3>): Vec3 {
  let position: Vec3 = [...grid.originLps];
  grid.directions.forEach((direction, axis) => {
    position = add(position, scale(direction, at(zyx, axis) * at(grid.spacingZyxMm, axis)));
  });
  return position;
}

/** Index (z, y, x) of an LPS position, not rounded. */
export function toIndex(grid: Grid, lps: Readonly<Vec3>): Vec3 {
  const offset = subtract(lps, grid.originLps);
  const [a, b, c] = grid.directions.map((d, i) => scale(d, at(grid.spacingZyxMm, i))) as [Vec3, Vec3, Vec3];
  const volume = dot(a, cross(b, c));
  return [
    dot(offset, cross(b, c)) / volume,
    dot(offset, cross(c, a)) / volume,
    dot(offset, cross(a, b)) / volume,
  ];
}

/** The voxel that holds a position, or null outside the grid. */
export function voxelAt(grid: Grid, lps: Readonly<Vec3>): Vec3 | null {
  const index = toIndex(grid, lps).map((n) => Math.round(n) + 0) as Vec3; // + 0 turns -0 into 0
  return index.every((n, axis) => n >= 0 && n < at(grid.shapeZyx, axis)) ? index : null;
}

/** Letters of the patient's side that a direction points to, such as `L`, or `LA` for an oblique one. */
export function sideLetters(direction: Readonly<Vec3>): string {
  const letters = ['LR', 'PA', 'HF'] as const;
  return direction
    .map((value, axis) => ({
      size: Math.abs(value),
      letter: (letters[axis] ?? 'LR')[value > 0 ? 0 : 1] ?? '',
    }))
    .filter((part) => part.size > 0.3)
    .sort((p, q) => q.size - p.size)
    .slice(0, 2)
    .map((part) => part.letter)
    .join('');
}

/** Where a voxel lies along the patient's axis nearest to an array axis: `H 12.0 mm`. */
export function positionWords(grid: Grid, axis: 0 | 1 | 2, zyx: Readonly<Vec3>): string {
  const sizes = grid.directions[axis].map(Math.abs);
  const nearest = sizes.indexOf(Math.max(...sizes));
  const mm = at(toLps(grid, zyx), nearest);
  const towards: Vec3 = [0, 0, 0];
  towards[nearest] = mm < 0 ? -1 : 1;
  return `${sideLetters(towards)} ${Math.abs(mm).toFixed(1)} mm`;
}

export const at = (v: Readonly<Vec3>, axis: number): number => v[axis] ?? 0;
export const dot = (a: Readonly<Vec3>, b: Readonly<Vec3>): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const add = (a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
export const scale = (v: Readonly<Vec3>, by: number): Vec3 => [v[0] * by, v[1] * by, v[2] * by];
export const subtract = (a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 => add(a, scale(b, -1));
export const cross = (a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const length = (v: Readonly<Vec3>): number => Math.sqrt(dot(v, v));
const column = (affine: Affine, n: number): Vec3 => [
  affine[0]?.[n] ?? NaN,
  affine[1]?.[n] ?? NaN,
  affine[2]?.[n] ?? NaN,
];
