/** Where voxels come from. Pure. */

/** Values of an origin plane. */
export const ORIGIN = { model: 1, human: 2, changed: 3 } as const;

export const ORIGIN_COLOURS: Record<keyof typeof ORIGIN, string> = {
  model: '#4cc9f0',
  human: '#ffd166',
  changed: '#ef476f',
};

/**
 * Origin of a voxel: the model's where the mask is as it was taken of the draft, changed where it differs from that (or
 * was removed), a person's elsewhere; 0 where there is nothing.
 *
 * now: label in the mask; drawn: label in the draft. taken: by label value, 1 where the draft's voxels of that label were
 * taken in this slice.
 */
export function originOf(now: number, drawn: number, taken: Uint8Array): number {
  if (drawn === 0 || taken[drawn] !== 1) return now === 0 ? 0 : ORIGIN.human;
  return now === drawn ? ORIGIN.model : ORIGIN.changed;
}
