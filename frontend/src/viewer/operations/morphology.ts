/** Growing and shrinking of masks by mm, true to uneven voxels. */
import type { Vec3 } from '../grid';
import { inverse, squaredDistance } from './distance';

/** A voxel at the very distance counts as within it, whatever the rounding. */
const SLACK = 1e-5;

/** Voxels within a distance of the mask. */
export function grown(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  mm: number,
): Uint8Array {
  const limit = mm * mm * (1 + SLACK);
  return Uint8Array.from(squaredDistance(mask, shape, spacingMm), (squared) => Number(squared <= limit));
}

/** Voxels of the mask farther than a distance from every voxel beside it. The end of the volume takes nothing away. */
export function shrunk(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  mm: number,
): Uint8Array {
  return inverse(grown(inverse(mask), shape, spacingMm, mm));
}

/** Grown and shrunk again: gaps and dents narrower than twice the distance close. */
export function closed(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  mm: number,
): Uint8Array {
  return shrunk(grown(mask, shape, spacingMm, mm), shape, spacingMm, mm);
}

/** Shrunk and grown again: bridges and spikes narrower than twice the distance go. */
export function opened(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  mm: number,
): Uint8Array {
  return grown(shrunk(mask, shape, spacingMm, mm), shape, spacingMm, mm);
}
