/** Pictures of labels that lie over a pane: a plane through stored slices, and the edges of what is in it. Pure. */

/** A plane of label values: rows × columns. */
export interface LabelPlane {
  rows: number;
  columns: number;
  labels: Uint8Array;
}

/**
 * The plane across an axis of a volume (z, y, x) at an index.
 *
 * slice: the value at an offset y·X + x of a stored slice; undefined where the slice is empty. Rows and columns are the
 * other two axes in order.
 */
export function planeOf(
  [depth, height, width]: readonly [number, number, number],
  axis: 0 | 1 | 2,
  index: number,
  slice: (z: number) => ((offset: number) => number) | undefined,
): LabelPlane {
  const [rows, columns] = [axis === 0 ? height : depth, axis === 2 ? height : width];
  const labels = new Uint8Array(rows * columns);
  if (axis === 0) {
    const value = slice(index);
    if (value) for (let i = 0; i < labels.length; i += 1) labels[i] = value(i);
    return { rows, columns, labels };
  }
  const [start, step] = axis === 1 ? [index * width, 1] : [index, width];
  for (let z = 0; z < depth; z += 1) {
    const value = slice(z);
    if (!value) continue;
    for (let c = 0; c < columns; c += 1) labels[z * columns + c] = value(start + c * step);
  }
  return { rows, columns, labels };
}

/**
 * Edges by value as lines [row, column, row, column], in units of voxels whose corners are whole numbers. Neighbouring
 * edges of one line are joined.
 */
export function edgesOf({ rows, columns, labels }: LabelPlane): Map<number, number[]> {
  const lines = new Map<number, number[]>();
  const at = (r: number, c: number): number =>
    r < 0 || c < 0 || r >= rows || c >= columns ? 0 : (labels[r * columns + c] ?? 0);
  const add = (value: number, line: readonly [number, number, number, number]): void => {
    const known = lines.get(value);
    if (known) known.push(...line);
    else lines.set(value, [...line]);
  };
  for (const side of [0, 1]) {
    for (let r = 0; r < rows; r += 1)
      scan(
        columns,
        (c) => edge(at(r, c), at(r - 1 + 2 * side, c)),
        (value, from, to) => add(value, [r + side, from, r + side, to]),
      );
    for (let c = 0; c < columns; c += 1)
      scan(
        rows,
        (r) => edge(at(r, c), at(r, c - 1 + 2 * side)),
        (value, from, to) => add(value, [from, c + side, to, c + side]),
      );
  }
  return lines;
}

const edge = (here: number, there: number): number => (here === there ? 0 : here);

/** Runs of one value other than 0 along a line. */
function scan(
  count: number,
  value: (i: number) => number,
  told: (value: number, from: number, to: number) => void,
): void {
  let [run, from] = [0, 0];
  for (let i = 0; i <= count; i += 1) {
    const now = i < count ? value(i) : 0;
    if (now === run) continue;
    if (run !== 0) told(run, from, i);
    [run, from] = [now, i];
  }
}
