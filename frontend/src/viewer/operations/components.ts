/** Connected parts of a mask. */
import type { Vec3 } from '../grid';
import { size } from './block';

/** Voxels that touch by a face, or also by an edge or a corner; 4 and 8 in a slice. */
export type Connectivity = 6 | 26;

export interface Components {
  /** Number of the part of each voxel, from 1 in the order of memory; 0 outside of the mask. */
  parts: Int32Array;
  /** Voxels of each part, [0] unused. */
  sizes: number[];
}

export function components(mask: Uint8Array, shape: Readonly<Vec3>, connectivity: Connectivity): Components {
  const parts = new Int32Array(size(shape));
  const sizes = [0];
  for (let i = 0; i < parts.length; i += 1) {
    if (mask[i] === 0 || parts[i] !== 0) continue;
    const part = sizes.length;
    sizes.push(flood(shape, i, connectivity, (j) => mask[j] !== 0 && parts[j] === 0, parts, part));
  }
  return { parts, sizes };
}

/**
 * Mark with `value` all voxels that are connected with `seed` by voxels that are open; answers how many.
 * A marked voxel must no longer be open.
 */
export function flood(
  shape: Readonly<Vec3>,
  seed: number,
  connectivity: Connectivity,
  isOpen: (index: number) => boolean,
  marks: Int32Array | Uint8Array,
  value: number,
): number {
  if (!isOpen(seed)) return 0;
  const [depth, rows, columns] = shape;
  const steps = neighbours(connectivity);
  const waiting = [seed];
  marks[seed] = value;
  let count = 0;
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    count += 1;
    const x = i % columns;
    const rest = (i - x) / columns;
    const y = rest % rows;
    const z = (rest - y) / rows;
    for (const [dz, dy, dx] of steps) {
      const [nz, ny, nx] = [z + dz, y + dy, x + dx];
      if (nz < 0 || nz >= depth || ny < 0 || ny >= rows || nx < 0 || nx >= columns) continue;
      const j = (nz * rows + ny) * columns + nx;
      if (!isOpen(j)) continue;
      marks[j] = value;
      waiting.push(j);
    }
  }
  return count;
}

function neighbours(connectivity: Connectivity): Vec3[] {
  const near = [-1, 0, 1];
  const all = near.flatMap((z) => near.flatMap((y) => near.map((x): Vec3 => [z, y, x])));
  return all.filter(([z, y, x]) => {
    const apart = Math.abs(z) + Math.abs(y) + Math.abs(x);
    return apart > 0 && (connectivity === 26 || apart === 1);
  });
}
