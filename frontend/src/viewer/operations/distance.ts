/**
 * Exact Euclidean distances in mm on voxels of any spacing.
 *
 * Felzenszwalb and Huttenlocher, Distance transforms of sampled functions, Theory of Computing 8 (2012).
 */
import type { Vec3 } from '../grid';
import { size, strides } from './block';

const FAR = 1e20;

/** Squared mm from the middle of each voxel to that of the nearest voxel of the mask; 1e20 where there is none. */
export function squaredDistance(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
): Float32Array {
  const distance = new Float32Array(size(shape));
  for (let i = 0; i < distance.length; i += 1) distance[i] = mask[i] === 0 ? FAR : 0;
  for (const axis of [2, 1, 0] as const) {
    if (shape[axis] > 1) alongAxis(distance, shape, axis, spacingMm[axis]);
  }
  return distance;
}

/** mm to the edge between the voxels of a mask and the others: positive outside, negative inside. */
export function signedDistance(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
): Float32Array {
  const outside = squaredDistance(mask, shape, spacingMm);
  const inside = squaredDistance(inverse(mask), shape, spacingMm);
  return outside.map((squared, i) => Math.sqrt(squared) - Math.sqrt(inside[i] as number));
}

export function inverse(mask: Uint8Array): Uint8Array {
  return mask.map((value) => 1 - value);
}

/** Let every line along an axis take the lower envelope of the parabolas over its voxels. */
function alongAxis(distance: Float32Array, shape: Readonly<Vec3>, axis: 0 | 1 | 2, step: number): void {
  const length = shape[axis];
  const stride = strides(shape)[axis];
  const line = new Float64Array(length);
  const [vertices, limits] = [new Int32Array(length), new Float64Array(length + 1)];
  for (const start of lineStarts(shape, axis)) {
    for (let i = 0; i < length; i += 1) line[i] = distance[start + i * stride] as number;
    if (!envelope(line, step, vertices, limits)) continue;
    for (let i = 0, k = 0; i < length; i += 1) {
      while ((limits[k + 1] as number) < i * step) k += 1;
      const vertex = vertices[k] as number;
      const apart = (i - vertex) * step;
      distance[start + i * stride] = apart * apart + (line[vertex] as number);
    }
  }
}

/** Fill in which parabolas are lowest and from where; false where every one is far. */
function envelope(line: Float64Array, step: number, vertices: Int32Array, limits: Float64Array): boolean {
  let k = -1;
  for (let i = 0; i < line.length; i += 1) {
    const height = line[i] as number;
    if (height >= FAR) continue;
    let from = -Infinity;
    while (k >= 0) {
      const vertex = vertices[k] as number;
      const [x, v] = [i * step, vertex * step];
      from = (height + x * x - (line[vertex] as number) - v * v) / (2 * (x - v));
      if (from > (limits[k] as number)) break;
      k -= 1;
    }
    k += 1;
    vertices[k] = i;
    limits[k] = k === 0 ? -Infinity : from;
  }
  limits[k + 1] = Infinity;
  return k >= 0;
}

/** Where each line along an axis begins. */
function* lineStarts(shape: Readonly<Vec3>, axis: 0 | 1 | 2): Generator<number> {
  const [a, b] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const step = strides(shape);
  for (let i = 0; i < shape[a]; i += 1) {
    for (let j = 0; j < shape[b]; j += 1) yield i * step[a] + j * step[b];
  }
}
