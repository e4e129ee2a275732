/** Which connected parts of a mask stay. */
import type { Vec3 } from '../grid';
import { type Connectivity, components } from './components';

export type Keep =
  { which: 'largest' } | { which: 'from-size'; voxels: number } | { which: 'picked'; seed: number };

/**
 * The parts that are kept: the largest (the first of equals), those of at least so many voxels, or the one that holds
 * a voxel; where that voxel is outside of the mask, all are kept.
 */
export function keptIslands(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  connectivity: Connectivity,
  keep: Keep,
): Uint8Array {
  const { parts, sizes } = components(mask, shape, connectivity);
  const kept = whichOf(keep, parts, sizes);
  return Uint8Array.from(parts, (part) => Number(part > 0 && kept(part)));
}

function whichOf(keep: Keep, parts: Int32Array, sizes: number[]): (part: number) => boolean {
  if (keep.which === 'from-size') return (part) => (sizes[part] ?? 0) >= keep.voxels;
  if (keep.which === 'picked') {
    const picked = parts[keep.seed] ?? 0;
    return (part) => picked === 0 || part === picked;
  }
  const largest = sizes.indexOf(Math.max(...sizes));
  return (part) => part === largest;
}
