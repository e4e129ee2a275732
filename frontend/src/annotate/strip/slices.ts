/** What the strip knows of each slice, and where its keys lead. */

/** Of one stored slice; lists have one entry for each slice in stored order. */
export interface SliceFacts {
  /** Voxels by label value, background included. */
  counts: ArrayLike<number>;
  /** Mean normalised entropy, 0 sure to 1 clueless; null where no model's doubt is known. */
  doubt: number | null;
  /** Whether the task asks for the slice. */
  asked: boolean;
  /** What reviewers said of it. */
  remarks: readonly string[];
}

/** Whether no label but the background is in the slice. */
export function isEmpty({ counts }: Pick<SliceFacts, 'counts'>): boolean {
  for (let value = 1; value < counts.length; value += 1) if ((counts[value] ?? 0) > 0) return false;
  return true;
}

/** Largest number of voxels that each label has in one slice, by label value. */
export function largest(slices: readonly Pick<SliceFacts, 'counts'>[]): number[] {
  const most: number[] = [];
  for (const { counts } of slices) {
    for (let value = 0; value < counts.length; value += 1) {
      most[value] = Math.max(most[value] ?? 0, counts[value] ?? 0);
    }
  }
  return most;
}

/** Share of slices that count as doubtful. */
const DOUBTFUL_SHARE = 0.2;

/**
 * Slices worth a look: of each run of neighbours among the most doubtful fifth, the most doubtful one. None where the
 * model was equally sure everywhere.
 */
export function doubtful(doubt: readonly number[]): number[] {
  const sorted = [...doubt].sort((a, b) => b - a);
  const least = sorted[Math.max(0, Math.ceil(doubt.length * DOUBTFUL_SHARE) - 1)] ?? 0;
  const standsOut = (value: number): boolean =>
    least > (sorted.at(-1) ?? 0) ? value >= least : value > least;
  const peaks: number[] = [];
  let run = false;
  doubt.forEach((value, z) => {
    if (standsOut(value) && !run) peaks.push(z);
    else if (standsOut(value) && value > (doubt[peaks.at(-1) ?? 0] ?? 0)) peaks[peaks.length - 1] = z;
    run = standsOut(value);
  });
  return peaks;
}

/** Slices that wait for work: those asked for and empty, or where all are asked for, the empty ones. */
export function waiting(slices: readonly SliceFacts[]): number[] {
  return slices.flatMap((slice, z) => (slice.asked && isEmpty(slice) ? [z] : []));
}

/** The nearest of ascending slices after `from` (steps 1) or before it (-1), round and round; null where there is none. */
export function following(stops: readonly number[], from: number, steps: 1 | -1): number | null {
  const next = steps === 1 ? stops.find((z) => z > from) : stops.findLast((z) => z < from);
  return next ?? (steps === 1 ? stops[0] : stops.at(-1)) ?? null;
}
