/** A contour that is set point by point: a spline through them, or a live wire along edges between them. */
import { Livewire } from './livewire';
import type { DrawPane } from './pane';
import { closedSpline } from './shapes';
import { type Point, type SliceShape, toZyx } from './slice';

/** Pixels around a point within which the pointer takes it. */
const GRAB_PX = 8;

interface Knot {
  point: Point;
  /** Voxels on the way from the knot before it, this one last. */
  way: readonly Point[];
}

export class Contour {
  private readonly knots: Knot[] = [];
  private wire: Livewire | null = null;
  private pointer: Point | null = null;

  constructor(
    readonly pane: DrawPane,
    readonly slice: number,
    private readonly shape: SliceShape,
    private readonly kind: 'spline' | 'livewire',
  ) {}

  get points(): Point[] {
    return this.knots.map(({ point }) => point);
  }

  /** Number of the knot under a point of the pane, or -1. */
  knotAt(canvas: readonly [number, number]): number {
    return this.points.findIndex((point) => {
      const [x, y] = this.pane.canvasPoint(toZyx(this.shape, this.slice, point));
      return Math.hypot(x - canvas[0], y - canvas[1]) <= GRAB_PX;
    });
  }

  add(point: Point): void {
    this.knots.push({ point, way: this.wire ? this.wire.wayTo(point) : [point] });
    this.wire = this.kind === 'livewire' ? this.wireFrom(point) : null;
    this.pointer = null;
  }

  /** Put a knot elsewhere; a wire is laid anew to both its neighbours. */
  move(n: number, point: Point): void {
    const before = this.knots[n - 1];
    const after = this.knots[n + 1];
    this.knots[n] = { point, way: this.way(before?.point, point) };
    if (after) this.knots[n + 1] = { point: after.point, way: this.way(point, after.point) };
    else if (this.kind === 'livewire') this.wire = this.wireFrom(point);
  }

  removeLast(): void {
    this.knots.pop();
    const last = this.knots.at(-1);
    this.wire = last && this.kind === 'livewire' ? this.wireFrom(last.point) : null;
  }

  /** The pointer is here: the outline reaches to it. */
  follow(point: Point | null): void {
    this.pointer = point;
  }

  /** What is drawn while the contour is open, and what is filled when it is closed. */
  outline(closing = false): Point[] {
    const pointer = closing ? null : this.pointer;
    if (this.kind === 'spline') return closedSpline(pointer ? [...this.points, pointer] : this.points);
    const ways = this.knots.flatMap(({ way }) => way);
    const first = this.knots[0]?.point;
    const target = closing ? first : pointer;
    return target && this.wire && this.knots.length > 0 ? [...ways, ...this.wire.wayTo(target)] : ways;
  }

  private way(from: Point | undefined, to: Point): readonly Point[] {
    return from && this.kind === 'livewire' ? this.wireFrom(from).wayTo(to) : [to];
  }

  private wireFrom(point: Point): Livewire {
    const { pane, shape, slice } = this;
    const read = (u: number, v: number): number => pane.valueAt(toZyx(shape, slice, [u, v])) ?? 0;
    return new Livewire(read, shape, point, pane.window());
  }
}
