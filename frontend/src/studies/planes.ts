type Row = readonly number[];

const PLANES = ['sagittal', 'coronal', 'axial'] as const;
/** Scanners turn a stack by a hair; below this a person would not call it oblique. */
const STRAIGHT_DEG = 1;

/** How the slices of a volume lie in the patient, from its affine of (z, y, x, 1) to LPS mm: `axial, 12° oblique`. */
export function planeWords(affine: readonly Row[]): string {
  const step = affine.slice(0, 3).map((row) => row[0] ?? 0);
  const length = Math.hypot(...step);
  const shares = step.map((part) => Math.abs(part) / length);
  const along = shares.indexOf(Math.max(...shares));
  const name = PLANES[along] ?? 'axial';
  const degrees = Math.round((Math.acos(Math.min(1, shares[along] ?? 1)) * 180) / Math.PI);
  return degrees <= STRAIGHT_DEG ? name : `${name}, ${degrees}° oblique`;
}
