/** Voxels over which a curve is averaged, by slice. */
import type { Vec3 } from '../../viewer';

/** Offsets (y·X + x) of the voxels of each slice z. */
export type Region = ReadonlyMap<number, Uint32Array>;

/** Voxels whose middle lies within a distance of the middle of one of them; that one always. */
export function ball(
  centre: Readonly<Vec3>,
  radiusMm: number,
  shapeZyx: Readonly<Vec3>,
  spacingZyxMm: Readonly<Vec3>,
): Region {
  const region = new Map<number, Uint32Array>();
  const reach = spacingZyxMm.map((mm) => Math.floor(radiusMm / mm)) as Vec3;
  const [cz, cy, cx] = centre;
  for (let z = Math.max(cz - reach[0], 0); z <= Math.min(cz + reach[0], shapeZyx[0] - 1); z += 1) {
    const offsets: number[] = [];
    for (let y = Math.max(cy - reach[1], 0); y <= Math.min(cy + reach[1], shapeZyx[1] - 1); y += 1) {
      for (let x = Math.max(cx - reach[2], 0); x <= Math.min(cx + reach[2], shapeZyx[2] - 1); x += 1) {
        const mm = [z - cz, y - cy, x - cx].map((steps, axis) => steps * (spacingZyxMm[axis] ?? 1));
        if (Math.hypot(...mm) <= radiusMm) offsets.push(y * shapeZyx[2] + x);
      }
    }
    if (offsets.length > 0) region.set(z, Uint32Array.from(offsets));
  }
  return region;
}

/** Voxels that have a label in these slices. */
export function labelled(label: number, slices: Iterable<number>, read: (z: number) => Uint8Array): Region {
  const region = new Map<number, Uint32Array>();
  for (const z of slices) {
    const labels = read(z);
    const offsets = new Uint32Array(count(labels, label));
    let n = 0;
    for (let i = 0; i < labels.length; i += 1) if (labels[i] === label) offsets[n++] = i;
    if (n > 0) region.set(z, offsets);
  }
  return region;
}

export function sizeOf(region: Region): number {
  let size = 0;
  for (const offsets of region.values()) size += offsets.length;
  return size;
}

/** Sum of the stored values of a slice over offsets. */
export function sumOver(pixels: Int16Array, offsets: Uint32Array): number {
  let sum = 0;
  for (const offset of offsets) sum += pixels[offset] ?? 0;
  return sum;
}

function count(labels: Uint8Array, label: number): number {
  let n = 0;
  for (const value of labels) if (value === label) n += 1;
  return n;
}
