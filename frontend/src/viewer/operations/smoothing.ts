/** Smoothing of masks; beside the volume there is nothing. */
import { at, type Vec3 } from '../grid';
import { strides } from './block';

/** Gaussians are cut off after so many standard deviations. */
const TRUNCATE = 4;

/** Voxels that hold the majority in a box reaching `mm` to each side, rounded to whole voxels. */
export function medianSmoothed(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  mm: number,
): Uint8Array {
  const radii = medianRadii(shape, spacingMm, mm);
  let counts = Float32Array.from(mask);
  radii.forEach((radius, axis) => {
    if (radius > 0) counts = convolved(counts, shape, axis, new Float64Array(2 * radius + 1).fill(1));
  });
  const half = radii.reduce((product, radius) => product * (2 * radius + 1), 1) / 2;
  return Uint8Array.from(counts, (count) => Number(count > half));
}

/** Voxels to each side along each axis that the median looks at. */
export function medianRadii(shape: Readonly<Vec3>, spacingMm: Readonly<Vec3>, mm: number): Vec3 {
  return spacingMm.map((step, axis) => (at(shape, axis) > 1 ? Math.round(mm / step) : 0)) as Vec3;
}

/** Voxels where the mask, blurred by a Gaussian with this standard deviation, is above a half. */
export function gaussianSmoothed(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  sigmaMm: number,
): Uint8Array {
  let blurred = Float32Array.from(mask);
  for (const axis of [0, 1, 2] as const) {
    if (shape[axis] > 1) blurred = convolved(blurred, shape, axis, gaussian(sigmaMm / spacingMm[axis]));
  }
  return Uint8Array.from(blurred, (value) => Number(value > 0.5));
}

function gaussian(sigma: number): Float64Array {
  const radius = Math.floor(TRUNCATE * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / sigma) ** 2),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Weighted sums along an axis; `weights` are even about their middle. */
function convolved(
  values: Float32Array,
  shape: Readonly<Vec3>,
  axis: number,
  weights: Float64Array,
): Float32Array<ArrayBuffer> {
  const radius = (weights.length - 1) / 2;
  const [length, stride] = [at(shape, axis), at(strides(shape), axis)];
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (value === 0) continue; // most of a mask is
    const place = Math.floor(i / stride) % length;
    const [from, to] = [Math.max(-radius, -place), Math.min(radius, length - 1 - place)];
    for (let k = from; k <= to; k += 1) {
      const j = i + k * stride;
      result[j] = (result[j] as number) + value * (weights[k + radius] as number);
    }
  }
  return result;
}
