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
export function march(field: Field, level: number): Shell {
  const [depth, height, width] = field.shapeZyx;
  const vertices = new Vertices(field, level);
  const triangles: number[] = [];
  for (let z = 0; z < depth - 1; z += 1) {
    for (let y = 0; y < height - 1; y += 1) {
      const row = (z * height + y) * width;
      for (let x = 0; x < width - 1; x += 1) vertices.cut(row + x, triangles);
    }
  }
  return { points: Float32Array.from(vertices.points), triangles: Uint32Array.from(triangles) };
}

class Vertices {
  readonly points: number[] = [];
  /** Vertex on the edge from a sample along x, y or z; -1 where there is none yet. */
  private readonly made: Int32Array;
  /** Samples from one to the next along x, y and z. */
  private readonly strides: [number, number, number];
  private readonly corners: readonly number[];

  constructor(
    private readonly field: Field,
    private readonly level: number,
  ) {
    const [, height, width] = field.shapeZyx;
    this.strides = [1, width, width * height];
    this.made = new Int32Array(field.values.length * 3).fill(-1);
    this.corners = BITS.map((_, n) => (n & 1 ? 1 : 0) + (n & 2 ? width : 0) + (n & 4 ? width * height : 0));
  }

  /** Add the triangles within the cube whose first corner is this sample. */
  cut(sample: number, triangles: number[]): void {
    let index = 0;
    for (let n = 0; n < 8; n += 1) {
      if ((this.field.values[sample + (this.corners[n] ?? 0)] ?? 0) >= this.level) index |= BITS[n] ?? 0;
    }
    if (index === 0 || index === 255) return;
    for (const edge of table.getCase(index)) {
      if (edge < 0) return;
      const [from, to] = table.getEdge(edge);
      triangles.push(this.vertex(sample + (this.corners[from] ?? 0), AXIS_OF_STEP[to - from] ?? 0));
    }
  }

  /** axis: 0 along x, 1 along y, 2 along z. */
  private vertex(from: number, axis: number): number {
    const known = this.made[from * 3 + axis] ?? -1;
    if (known >= 0) return known;
    const { values, shapeZyx, originZyx, stepZyx } = this.field;
    const a = values[from] ?? 0;
    const along = (this.level - a) / ((values[from + (this.strides[axis] ?? 0)] ?? 0) - a);
    const [, row, plane] = this.strides;
    const sample = [Math.floor(from / plane), Math.floor(from / row) % shapeZyx[1], from % row];
    const id = this.points.length / 3;
    sample.forEach((index, n) => {
      this.points.push((originZyx[n] ?? 0) + (index + (2 - n === axis ? along : 0)) * (stepZyx[n] ?? 1));
    });
    this.made[from * 3 + axis] = id;
    return id;
  }
}

/** Axis of an edge by the difference of its corners' numbers. */
const AXIS_OF_STEP: Record<number, number> = { 1: 0, 2: 1, 4: 2 };
