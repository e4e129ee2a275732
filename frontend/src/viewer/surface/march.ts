/** Marching cubes (Lorensen and Cline 1987) by the table of vtk.js, each vertex once. */
import table from '@kitware/vtk.js/Filters/General/ImageMarchingCubes/caseTable';

import type { Field } from './field';

export interface Shell {
  /** (N, 3) voxel indices z, y, x of the vertices. */
  points: Float32Array;
  /** (M, 3) vertices of the triangles, all turned the same way. */
  triangles: Uint32Array;
}

/** Bits of a case, in the table's order of corners; corner n is n & 1 along x, n & 2 along y, n & 4 along z. */
const BITS = [1, 2, 8, 4, 16, 32, 128, 64];

/** The surface on which a field has a value, in voxel indices. */
export function march({ values, shapeZyx, stepZyx, originZyx }: Field, level: number): Shell {
  const [depth, height, width] = shapeZyx;
  const strides = [1, width, width * height];
  const corners = BITS.map((_, n) => (n & 1) + (n & 2 ? width : 0) + (n & 4 ? width * height : 0));
  const made = new Int32Array(values.length * 3).fill(-1);
  const points: number[] = [];
  const triangles: number[] = [];
  const cornerAt = new Array<number>(8);

  const vertex = (from: number, axis: number): number => {
    const known = made[from * 3 + axis] ?? -1;
    if (known >= 0) return known;
    const a = values[from] ?? 0;
    const t = (level - a) / ((values[from + (strides[axis] ?? 0)] ?? 0) - a);
    const sample = [Math.floor(from / (width * height)), Math.floor(from / width) % height, from % width];
    sample.forEach((index, n) => {
      points.push((originZyx[n] ?? 0) + (index + (2 - n === axis ? t : 0)) * (stepZyx[n] ?? 1));
    });
    const id = points.length / 3 - 1;
    made[from * 3 + axis] = id;
    return id;
  };

  for (let z = 0; z < depth - 1; z += 1) {
    for (let y = 0; y < height - 1; y += 1) {
      let at = (z * height + y) * width;
      for (let x = 0; x < width - 1; x += 1, at += 1) {
        let index = 0;
        for (let n = 0; n < 8; n += 1) {
          const corner = at + (corners[n] ?? 0);
          cornerAt[n] = corner;
          if ((values[corner] ?? 0) >= level) index |= BITS[n] ?? 0;
        }
        if (index === 0 || index === 255) continue;
        const edges = table.getCase(index);
        for (let n = 0; (edges[n] ?? -1) >= 0; n += 1) {
          const [from, to] = table.getEdge(edges[n] ?? 0);
          triangles.push(vertex(cornerAt[from] ?? 0, to - from === 1 ? 0 : to - from === 2 ? 1 : 2));
        }
      }
    }
  }
  return { points: Float32Array.from(points), triangles: Uint32Array.from(triangles) };
}
