/** Outlines that become voxels, in the slice where they were drawn or in all slices of its plane. */
import type { DrawHost, DrawPane } from './pane';
import { complement, spansOf } from './rasterise';
import type { Cut } from './settings';
import { type Point, sliceShape, toZyx } from './slice';
import { type Ink, Stroke } from './stroke';

/** Script that one frame may take. */
const FRAME_MS = 10;

export interface Outline {
  pane: DrawPane;
  slice: number;
  points: readonly Point[];
}

export interface Cutting {
  cut: Cut;
  /** Through all slices of the plane. */
  through: boolean;
  ink: Ink;
}

/** Fill or erase by an outline, as one step; a cut through many slices takes several frames. */
export async function cutOut(
  host: DrawHost,
  { pane, slice, points }: Outline,
  cutting: Cutting,
): Promise<void> {
  const shape = sliceShape(host.grid, pane.plane.axis);
  const canvas = { shapeZyx: host.grid.shapeZyx, labels: host.labels, intensities: pane.intensities };
  const stroke = new Stroke(canvas, cutting.ink);
  const spans = spansOf(points, shape.size);
  const count = host.grid.shapeZyx[shape.axis];
  const slices = cutting.through ? Array.from({ length: count }, (_, n) => n) : [slice];
  let began = performance.now();
  for (const n of slices) {
    const paint = (v: number, first: number, last: number): void =>
      stroke.paint(toZyx(shape, n, [first, v]), shape.u, last - first + 1);
    if (cutting.cut === 'erase-outside') complement(spans, shape.size, paint);
    else spans.forEach((row, v) => row.forEach(([first, last]) => paint(v, first, last)));
    if (performance.now() - began < FRAME_MS) continue;
    await nextFrame();
    began = performance.now();
  }
  const dirty = stroke.takeDirty();
  if (dirty.length === 0) return;
  host.changed(dirty);
  host.endStroke();
}

const nextFrame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
