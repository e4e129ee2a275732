/** The voxel that a maximum intensity projection shows at a point. */
import { at, type Vec3 } from './grid';

/**
 * The brightest voxel along an axis through a voxel, no farther from it than `reach` voxels either way.
 * pixels: stored values (Y·X,) of a slice, or null while it has not arrived.
 */
export function brightest(
  pixels: (z: number) => Int16Array | null,
  shapeZyx: Readonly<Vec3>,
  zyx: Readonly<Vec3>,
  axis: 0 | 1 | 2,
  reach: number,
): Vec3 {
  const best: Vec3 = [...zyx];
  let highest = -Infinity;
  const from = Math.max(0, at(zyx, axis) - reach);
  const to = Math.min(at(shapeZyx, axis) - 1, at(zyx, axis) + reach);
  const here: Vec3 = [...zyx];
  for (let n = from; n <= to; n += 1) {
    here[axis] = n;
    const value = pixels(here[0])?.[here[1] * shapeZyx[2] + here[2]];
    if (value === undefined || value <= highest) continue;
    highest = value;
    best[axis] = n;
  }
  return best;
}
