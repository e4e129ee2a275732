/** Slices between drawn ones, from the distances in mm to the edges of those. */
import type { Vec3 } from '../grid';
import { cut, paste } from './block';
import { signedDistance } from './distance';
import { sliceBox } from './holes';

/** A voxel on the very edge, whatever the rounding, is out. */
const TIE_MM = 1e-4;

/**
 * The mask with every gap between two drawn slices across an axis filled in: a voxel is in where the distance to the
 * edge, weighted by how near each of the two slices is, is negative. Raya and Udupa, IEEE TMI 9 (1990).
 */
export function interpolated(
  mask: Uint8Array,
  shape: Readonly<Vec3>,
  spacingMm: Readonly<Vec3>,
  axis: 0 | 1 | 2,
  onProgress: (fraction: number) => void = () => undefined,
): Uint8Array {
  const result = new Uint8Array(mask);
  const slice = (n: number): Uint8Array => cut(mask, shape, sliceBox(shape, axis, n));
  const drawn = Array.from({ length: shape[axis] }, (_, n) => n).filter((n) => slice(n).includes(1));
  const flat = sliceBox(shape, axis, 0).shape;
  drawn.forEach((to, i) => {
    const from = drawn[i - 1] ?? to;
    if (to - from < 2) return;
    const [a, b] = [from, to].map((n) => signedDistance(slice(n), flat, spacingMm)) as [
      Float32Array,
      Float32Array,
    ];
    for (let n = from + 1; n < to; n += 1) {
      const share = (n - from) / (to - from);
      const between = Uint8Array.from(a, (d, j) =>
        Number((1 - share) * d + share * (b[j] as number) < -TIE_MM),
      );
      paste(result, shape, between, sliceBox(shape, axis, n));
    }
    onProgress((i + 1) / drawn.length);
  });
  return result;
}
