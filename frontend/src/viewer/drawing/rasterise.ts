/** Polygons as voxels: those whose middle lies inside. */
import type { Point } from './slice';

/** Voxels first to last, both among them, of row v. */
export type EachSpan = (v: number, first: number, last: number) => void;

interface Crossing {
  u: number;
  /** 1 where the outline goes up the rows, -1 where it goes down. */
  turn: 1 | -1;
}

/**
 * Rows of voxels whose middles a closed outline winds around, also where it crosses itself.
 *
 * size: voxels along u and v. A middle on the outline counts on its lower sides alone, so that outlines that share an
 * edge share no voxel.
 */
export function rasterise(outline: readonly Point[], size: readonly [number, number], each: EachSpan): void {
  const rows = crossings(outline, size[1]);
  for (const [v, row] of rows) {
    row.sort((a, b) => a.u - b.u);
    let turns = 0;
    row.forEach(({ u, turn }, i) => {
      turns += turn;
      const next = row[i + 1];
      if (turns !== 0 && next) span(v, u, next.u, size[0], each);
    });
  }
}

/** The rows of a slice without the given voxels. */
export function complement(
  spans: ReadonlyMap<number, [number, number][]>,
  size: readonly [number, number],
  each: EachSpan,
): void {
  for (let v = 0; v < size[1]; v += 1) {
    let from = 0;
    for (const [first, last] of spans.get(v) ?? []) {
      if (first > from) each(v, from, first - 1);
      from = Math.max(from, last + 1);
    }
    if (from < size[0]) each(v, from, size[0] - 1);
  }
}

/** Spans by row, in rising order. */
export function spansOf(
  outline: readonly Point[],
  size: readonly [number, number],
): Map<number, [number, number][]> {
  const rows = new Map<number, [number, number][]>();
  rasterise(outline, size, (v, first, last) => {
    const row = rows.get(v);
    if (row) row.push([first, last]);
    else rows.set(v, [[first, last]]);
  });
  return rows;
}

function span(v: number, from: number, to: number, width: number, each: EachSpan): void {
  const first = Math.max(Math.ceil(from), 0);
  const last = Math.min(Math.ceil(to) - 1, width - 1);
  if (last >= first) each(v, first, last);
}

function crossings(outline: readonly Point[], rowCount: number): Map<number, Crossing[]> {
  const rows = new Map<number, Crossing[]>();
  outline.forEach(([u0, v0], i) => {
    const [u1, v1] = outline[(i + 1) % outline.length] ?? [u0, v0];
    const turn = v1 > v0 ? 1 : -1;
    const [low, high] = v1 > v0 ? [v0, v1] : [v1, v0];
    const last = Math.min(Math.ceil(high) - 1, rowCount - 1);
    for (let v = Math.max(Math.ceil(low), 0); v <= last; v += 1) {
      const crossing: Crossing = { u: u0 + ((v - v0) / (v1 - v0)) * (u1 - u0), turn };
      const row = rows.get(v);
      if (row) row.push(crossing);
      else rows.set(v, [crossing]);
    }
  });
  return rows;
}
