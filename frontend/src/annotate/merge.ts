/** Strokes drawn on an older revision, put on a newer one. */
import type { Slices } from './autosave';

/**
 * Slices (Y·X,) of `theirs` with the voxels that `mine` changed against `base`; nothing else of theirs is touched.
 * A slice that base or theirs do not give is empty. Only slices of `mine` are in the answer.
 */
export function mergeStrokes(base: Slices, mine: Slices, theirs: Slices): Slices {
  return new Map(
    [...mine].map(([z, labels]) => {
      const was = base.get(z);
      const now = theirs.get(z);
      return [z, labels.map((label, i) => (label === (was?.[i] ?? 0) ? (now?.[i] ?? 0) : label))];
    }),
  );
}
