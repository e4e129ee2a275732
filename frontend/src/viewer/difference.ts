/** What changed between two masks, as a mask that can be shown. */

/** Values, in the viewer's colour table, of the three kinds of difference; no label has them. */
export const DIFFERENCE = { added: 240, removed: 241, relabelled: 242 } as const;

type Slices = ReadonlyMap<number, Uint8Array>;

export type DifferenceCounts = Record<keyof typeof DIFFERENCE, number>;

/**
 * Slices (Y·X,) where before and after differ: the difference where voxels changed, and the label of `after` elsewhere.
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
    if (old === now) return now;
    const kind = kindOf(old, now);
    counts[kind] += 1;
    return DIFFERENCE[kind];
  });
}

function kindOf(old: number, now: number): keyof typeof DIFFERENCE {
  if (old === 0) return 'added';
  return now === 0 ? 'removed' : 'relabelled';
}
