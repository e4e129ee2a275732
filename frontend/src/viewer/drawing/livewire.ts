/** The way along edges from one spot to another, by cornerstone's live wire (intelligent scissors). */
import { LivewireScissors } from '@cornerstonejs/tools/utilities/livewire/LivewireScissors';

import type { Point, SliceShape } from './slice';

/** The wire looks this far around the spot from which it starts, so that it answers within a frame. */
const REACH = 80;

/** Intensity of a voxel of a slice, 0 where it is unknown. */
export type ReadIntensity = (u: number, v: number) => number;

/** Finds ways from one spot; beyond its reach the way goes on straight. */
export class Livewire {
  private readonly origin: readonly [number, number];
  private readonly scissors: LivewireScissors;
  private readonly size: readonly [number, number];

  constructor(
    read: ReadIntensity,
    shape: Pick<SliceShape, 'size'>,
    private readonly start: Point,
    window: { low: number; high: number },
  ) {
    const range = (n: number, count: number): [number, number] => [
      Math.max(Math.round(n) - REACH, 0),
      Math.min(Math.round(n) + REACH, count - 1),
    ];
    const [u0, u1] = range(start[0], shape.size[0]);
    const [v0, v1] = range(start[1], shape.size[1]);
    this.origin = [u0, v0];
    this.size = [u1 - u0 + 1, v1 - v0 + 1];
    const values = new Float32Array(this.size[0] * this.size[1]);
    for (let v = v0; v <= v1; v += 1) {
      for (let u = u0; u <= u1; u += 1) values[(v - v0) * this.size[0] + u - u0] = read(u, v);
    }
    this.scissors = LivewireScissors.createInstanceFromRawPixelData(values, ...this.size, {
      lower: window.low,
      upper: window.high,
    });
    this.scissors.startSearch(this.inside(start));
  }

  /** Voxels on the way to a spot, the start not among them, the spot itself last. */
  wayTo(spot: Point): Point[] {
    const target = this.inside(spot);
    const way = this.scissors
      .findPathToPoint(target)
      .map(([u, v]): Point => [u + this.origin[0], v + this.origin[1]]);
    return [...way.slice(1), spot];
  }

  /** Where the way starts. */
  get from(): Point {
    return this.start;
  }

  private inside([u, v]: Point): [number, number] {
    return [
      Math.min(Math.max(Math.round(u) - this.origin[0], 0), this.size[0] - 1),
      Math.min(Math.max(Math.round(v) - this.origin[1], 0), this.size[1] - 1),
    ];
  }
}
