/** What changed between two masks, as a mask that can be shown. */

/** Values, in the viewer's colour table, of the kinds of difference; no label has them. */
export const DIFFERENCE = { unchanged: 240, added: 241, removed: 242, relabelled: 243 } as const;

/** How each kind is drawn, #rrggbb. */
export const DIFFERENCE_COLOURS: Record<keyof typeof DIFFERENCE, string> = {
  unchanged: '#6f7f8f',
  added: '#4dff88',
  removed: '#ff4d4d',
  relabelled: '#ffd23d',
};

type Slices = ReadonlyMap<number, Uint8Array>;

type Change = Exclude<keyof typeof DIFFERENCE, 'unchanged'>;
export type DifferenceCounts = Record<Change, number>;

/**
 * Slices (Y·X,) of the kinds of difference between two masks, background where both have none, and voxels by kind.
 * A slice that is not given is empty; only slices that hold something on either side are in the answer.
 */
export function difference(
  before: Slices,
  after: Slices,
): { slices: Map<number, Uint8Array>; counts: DifferenceCounts } {
  const counts: DifferenceCounts = { added: 0, removed: 0, relabelled: 0 };
  const slices = new Map<number, Uint8Array>();
  for (const z of new Set([...before.keys(), ...after.keys()])) {
    slices.set(z, sliceDifference(before.get(z), after.get(z), counts));
  }
  return { slices, counts };
}

function sliceDifference(
  was: Uint8Array | undefined,
  is: Uint8Array | undefined,
  counts: DifferenceCounts,
): Uint8Array {
  const size = (is ?? was)?.length ?? 0;
  const [before, after] = [was ?? new Uint8Array(size), is ?? new Uint8Array(size)];
  return after.map((now, i) => {
    const old = before[i] ?? 0;
    if (old === now) return now === 0 ? 0 : DIFFERENCE.unchanged;
    const kind = kindOf(old, now);
    counts[kind] += 1;
    return DIFFERENCE[kind];
  });
}

function kindOf(old: number, now: number): Change {
  if (old === 0) return 'added';
  return now === 0 ? 'removed' : 'relabelled';
}
