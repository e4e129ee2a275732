/** Strokes drawn on an older revision, put on a newer one. */
import type { Slices } from './saveStates';

type Mask = ReadonlyMap<number, Uint8Array>;
type Slice = Uint8Array | undefined;

/** Whose label stands where both changed a voxel differently. */
export type Winner = 'mine' | 'theirs';

/** What two people changed against the revision that both started from. */
export interface MergeReport {
  mine: Changed[];
  theirs: Changed[];
  /** Voxels that both changed, to different labels. */
  overlaps: Changed[];
}

export interface Changed {
  z: number;
  voxels: number;
}

/**
 * Slices (Y·X,) of `theirs` with the voxels that `mine` changed against `base`; nothing else of theirs is touched.
 * A slice that base or theirs do not give is empty. Only slices of `mine` are in the answer.
 */
export function mergeStrokes(base: Mask, mine: Slices, theirs: Mask, winner: Winner = 'mine'): Slices {
  return new Map(
    [...mine].map(([z, labels]) => {
      const was = base.get(z);
      const now = theirs.get(z);
      const merged = labels.map((label, i) => {
        const [before, other] = [was?.[i] ?? 0, now?.[i] ?? 0];
        const untouched = label === before || (winner === 'theirs' && other !== before);
        return untouched ? other : label;
      });
      return [z, merged];
    }),
  );
}

/** How much each side changed, slice by slice in rising order; `mine` gives every slice in which it differs. */
export function compareStrokes(base: Mask, mine: Mask, theirs: Mask): MergeReport {
  const report: MergeReport = { mine: [], theirs: [], overlaps: [] };
  for (const z of [...new Set([...base.keys(), ...mine.keys(), ...theirs.keys()])].sort((a, b) => a - b)) {
    const counts = countChanges(base.get(z), mine.get(z) ?? base.get(z), theirs.get(z));
    for (const side of ['mine', 'theirs', 'overlaps'] as const) {
      if (counts[side] > 0) report[side].push({ z, voxels: counts[side] });
    }
  }
  return report;
}

function countChanges(was: Slice, mine: Slice, theirs: Slice): Record<keyof MergeReport, number> {
  const counts = { mine: 0, theirs: 0, overlaps: 0 };
  const size = (was ?? mine ?? theirs)?.length ?? 0;
  const empty = new Uint8Array(size);
  const [base, ours, others] = [was ?? empty, mine ?? empty, theirs ?? empty];
  ours.forEach((label, i) => {
    const [byMe, byThem] = [label !== base[i], others[i] !== base[i]];
    if (byMe) counts.mine += 1;
    if (byThem) counts.theirs += 1;
    if (byMe && byThem && label !== others[i]) counts.overlaps += 1;
  });
  return counts;
}
