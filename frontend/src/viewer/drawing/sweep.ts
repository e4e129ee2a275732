/** What a round brush covers on its way: every voxel whose middle comes within its radius. */

/** A place in mm: along the rows of voxels, and across them in one or two directions. */
export interface PlaceMm {
  along: number;
  across: readonly number[];
}

/**
 * Where a row of voxels runs through all that lies within a radius of the way from a to b: [from, to] in mm, or null.
 *
 * That shape, a rod with round ends, is convex, so that a row meets it in one piece.
 */
export function rowWithin(
  a: PlaceMm,
  b: PlaceMm,
  across: readonly number[],
  radius: number,
): [number, number] | null {
  const pieces = [within(a, across, radius), within(b, across, radius), beside(a, b, across, radius)].filter(
    (piece) => piece !== null,
  );
  if (pieces.length === 0) return null;
  return [Math.min(...pieces.map(([from]) => from)), Math.max(...pieces.map(([, to]) => to))];
}

/** A row through the ball around a place. */
function within(place: PlaceMm, across: readonly number[], radius: number): [number, number] | null {
  const left = radius ** 2 - squared(minus(across, place.across));
  if (left < 0) return null;
  const half = Math.sqrt(left);
  return [place.along - half, place.along + half];
}

/** A row through the rod from a to b without its ends. */
function beside(a: PlaceMm, b: PlaceMm, across: readonly number[], radius: number): [number, number] | null {
  const along = b.along - a.along;
  const aside = minus(b.across, a.across);
  const length2 = along ** 2 + squared(aside);
  if (length2 === 0) return null;
  const off = minus(across, a.across);
  const c = off.reduce((sum, mm, i) => sum + mm * (aside[i] ?? 0), 0);
  // Distance to the axis at s mm from a along the row: p·s² - 2·q·s + rest <= 0.
  const p = squared(aside) / length2;
  const q = (along * c) / length2;
  const rest = squared(off) - c ** 2 / length2 - radius ** 2;
  const root = q ** 2 - p * rest;
  if (p < 1e-12 || root < 0) return null; // along a row the ends alone bound the rod
  const ends = betweenEnds(along, c, length2);
  if (!ends) return null;
  const from = Math.max((q - Math.sqrt(root)) / p, ends[0]);
  const to = Math.min((q + Math.sqrt(root)) / p, ends[1]);
  return from <= to ? [a.along + from, a.along + to] : null;
}

/** Where along a row the nearest place of the axis lies between its ends. */
function betweenEnds(along: number, c: number, length2: number): [number, number] | null {
  if (Math.abs(along) < 1e-12) return c >= 0 && c <= length2 ? [-Infinity, Infinity] : null;
  const [s, t] = [-c / along, (length2 - c) / along];
  return s < t ? [s, t] : [t, s];
}

const minus = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value - (b[i] ?? 0));
const squared = (v: readonly number[]): number => v.reduce((sum, value) => sum + value * value, 0);
