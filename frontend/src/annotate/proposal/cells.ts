/** Parts of a draft: cells, the slices by label, and the short text in which they travel: `1=0-12,15;8=3`. */

export type Cells = ReadonlyMap<number, ReadonlySet<number>>;

/** Rising ranges such as `0-12,15`; empty for none. */
export function writeRanges(slices: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const z of [...new Set(slices)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === z - 1) last[1] = z;
    else ranges.push([z, z]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** Slices of such a text, spaces allowed; null where it says something else. */
export function readRanges(text: string): Set<number> | null {
  const slices = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,5})\s*(?:-\s*(\d{1,5})\s*)?$/.exec(part);
    if (!match) return null;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (to < from || to >= 10_000) return null;
    for (let z = from; z <= to; z += 1) slices.add(z);
  }
  return slices;
}

export function writeCells(cells: Cells): string {
  return [...cells]
    .filter(([, slices]) => slices.size > 0)
    .sort(([a], [b]) => a - b)
    .map(([label, slices]) => `${label}=${writeRanges(slices)}`)
    .join(';');
}

/** Cells of a text that the server wrote. */
export function readCells(text: string): Map<number, Set<number>> {
  const parts = text.split(';').filter((part) => part !== '');
  return new Map(
    parts.map((part) => {
      const [label, slices] = part.split('=');
      return [Number(label), readRanges(slices ?? '') ?? new Set()];
    }),
  );
}

export function union(one: Cells, other: Cells): Cells {
  const all = new Map<number, Set<number>>();
  for (const [label, slices] of [...one, ...other])
    all.set(label, new Set([...(all.get(label) ?? []), ...slices]));
  return all;
}

/** Cells of the one that the other lacks; labels without any left are left out. */
export function without(one: Cells, other: Cells): Cells {
  const rest = [...one].map(([label, slices]): [number, Set<number>] => [
    label,
    new Set([...slices].filter((z) => !other.get(label)?.has(z))),
  ]);
  return new Map(rest.filter(([, slices]) => slices.size > 0));
}

/** Cells of some labels (null: of all) in some slices (null: in all). */
export function within(
  cells: Cells,
  labels: ReadonlySet<number> | null,
  slices: ReadonlySet<number> | null,
): Cells {
  const some = [...cells]
    .filter(([label]) => labels === null || labels.has(label))
    .map(([label, held]): [number, Set<number>] => [
      label,
      new Set([...held].filter((z) => slices === null || slices.has(z))),
    ]);
  return new Map(some.filter(([, held]) => held.size > 0));
}

/** How many cells there are. */
export function size(cells: Cells): number {
  return [...cells.values()].reduce((sum, slices) => sum + slices.size, 0);
}

/** The slices of all labels, rising. */
export function slicesOf(cells: Cells): number[] {
  return [...new Set([...cells.values()].flatMap((slices) => [...slices]))].sort((a, b) => a - b);
}

/** For each slice the labels whose cells lie in it, as a table by label value. */
export function labelsIn(cells: Cells, z: number): Uint8Array {
  const table = new Uint8Array(256);
  for (const [label, slices] of cells) if (slices.has(z)) table[label] = 1;
  return table;
}
