/** What a look into the volume meets first. */
import { add, dot, type Grid, scale, subtract, type Vec3, voxelAt } from '../grid';

/**
 * The first voxel of a label that is seen along a ray, or null. from, to: ends in LPS mm. Steps are half as long as the
 * shortest side of a voxel, so that none is passed over by more than a corner.
 */
export function firstVoxel(
  grid: Grid,
  labelAt: (zyx: Readonly<Vec3>) => number,
  seen: (label: number) => boolean,
  from: Readonly<Vec3>,
  to: Readonly<Vec3>,
): Vec3 | null {
  const way = subtract(to, from);
  const length = Math.sqrt(dot(way, way));
  const step = Math.min(...grid.spacingZyxMm) / 2;
  for (let mm = 0; mm <= length; mm += step) {
    const voxel = voxelAt(grid, add(from, scale(way, mm / length)));
    if (voxel && seen(labelAt(voxel))) return voxel;
  }
  return null;
}
