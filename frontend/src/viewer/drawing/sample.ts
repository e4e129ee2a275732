/** The range of intensities around a picked spot. */
import type { IntensityRange } from './rules';

/** Voxels from the spot to the edge of the square that is looked at. */
const REACH = 2;

/**
 * Mean ± deviations · standard deviation of the intensities in a square of 5 by 5 voxels; null where none is known.
 *
 * value: intensity of a voxel of the slice, null outside of it.
 */
export function rangeAround(
  value: (du: number, dv: number) => number | null,
  deviations: number,
): IntensityRange | null {
  const values: number[] = [];
  for (let dv = -REACH; dv <= REACH; dv += 1) {
    for (let du = -REACH; du <= REACH; du += 1) {
      const found = value(du, dv);
      if (found !== null) values.push(found);
    }
  }
  if (values.length === 0) return null;
  const mean = values.reduce((sum, n) => sum + n, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, n) => sum + (n - mean) ** 2, 0) / values.length);
  return { low: mean - deviations * deviation, high: mean + deviations * deviation };
}
