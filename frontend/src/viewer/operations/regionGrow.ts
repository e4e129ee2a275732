/** A region of like intensity around a clicked voxel. */
import type { Vec3 } from '../grid';
import { offset } from './block';
import { flood } from './components';

export interface IntensityRange {
  low: number;
  high: number;
}

/** Radius in mm of the surroundings of a seed whose intensities tell what is alike. */
const AROUND_MM = 2;
/** The least standard deviation that is believed, as a share of the mean: a flat spot of a noisy picture. */
const LEAST_SPREAD = 0.05;

/** Mean ± `width` standard deviations of the intensities within 2 mm of a voxel, at least of its direct neighbours. */
export function rangeAround(
  intensities: ArrayLike<number>,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  seed: Readonly<Vec3>,
  width: number,
): IntensityRange {
  const values: number[] = [];
  const reach = spacingMm.map((mm) => Math.max(1, Math.floor(AROUND_MM / mm))) as Vec3;
  for (const z of around(seed[0], reach[0], shape[0]))
    for (const y of around(seed[1], reach[1], shape[1]))
      for (const x of around(seed[2], reach[2], shape[2]))
        values.push(intensities[offset(shape, [z, y, x])] as number);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const spread = Math.max(Math.sqrt(variance), Math.abs(mean) * LEAST_SPREAD);
  return { low: mean - width * spread, high: mean + width * spread };
}

/** Voxels connected by faces with the seed whose intensity is in the range, no farther from it than the radius. */
export function regionAround(
  intensities: ArrayLike<number>,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  seed: Readonly<Vec3>,
  { low, high }: IntensityRange,
  radiusMm: number,
): Uint8Array {
  const region = new Uint8Array(intensities.length);
  const [, rows, columns] = shape;
  const limit = radiusMm * radiusMm;
  const isOpen = (i: number): boolean => {
    const value = intensities[i] as number;
    if (region[i] !== 0 || value < low || value > high) return false;
    const x = ((i % columns) - seed[2]) * spacingMm[2];
    const rest = Math.floor(i / columns);
    const y = ((rest % rows) - seed[1]) * spacingMm[1];
    const z = (Math.floor(rest / rows) - seed[0]) * spacingMm[0];
    return x * x + y * y + z * z <= limit;
  };
  flood(shape, offset(shape, seed), 6, isOpen, region, 1);
  return region;
}

function around(middle: number, reach: number, length: number): number[] {
  const from = Math.max(0, middle - reach);
  const to = Math.min(length - 1, middle + reach);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
