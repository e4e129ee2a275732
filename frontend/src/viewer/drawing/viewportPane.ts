/** A pane of cornerstone's as drawing sees it. */
import type { Types } from '@cornerstonejs/core';

import { at, type Grid, toIndex, toLps, type Vec3 } from '../grid';
import type { Plane } from '../planes';
import type { DrawPane } from './pane';
import type { IntensityRange } from './rules';

export interface Shown {
  element: HTMLDivElement;
  plane: Plane;
  /** Slice that is shown. */
  slice: () => number;
  /** Stored intensities (Y·X,) of a slice of the source shown, null while they have not arrived. */
  intensities: (z: number) => ArrayLike<number> | null;
  /** What is shown; stored × slope + intercept is the value. */
  source: () => { key: string; slope: number; intercept: number; window: IntensityRange };
}

type Viewport = Pick<
  Types.IVolumeViewport,
  'canvasToWorld' | 'worldToCanvas' | 'getPan' | 'setPan' | 'getZoom' | 'setZoom' | 'render'
>;

const ZOOM_LIMITS = [0.3, 30] as const;
const PROBE_MM = 10;

export function viewportPane(grid: Grid, shown: Shown, viewport: () => Viewport): DrawPane {
  const { plane } = shown;
  const [, rows, columns] = grid.shapeZyx;
  const canvasPoint = (zyx: Readonly<Vec3>): [number, number] => viewport().worldToCanvas(toLps(grid, zyx));
  const panBy = (dx: number, dy: number): void => {
    const [x, y] = viewport().getPan();
    viewport().setPan([x + dx, y + dy]);
    viewport().render();
  };
  return {
    ...shown,
    indexAt: (x, y) => {
      const zyx = toIndex(grid, viewport().canvasToWorld([x, y]));
      zyx[plane.axis] = shown.slice();
      return zyx;
    },
    canvasPoint,
    pixelsPerMm: () => {
      const away: Vec3 = [0, 0, 0];
      const axis = plane.axis === 2 ? 1 : 2;
      away[axis] = PROBE_MM / at(grid.spacingZyxMm, axis);
      const [a, b] = [canvasPoint([0, 0, 0]), canvasPoint(away)];
      return Math.hypot(b[0] - a[0], b[1] - a[1]) / PROBE_MM;
    },
    valueAt: ([z, y, x]) => {
      if (z < 0 || y < 0 || x < 0 || z >= grid.shapeZyx[0] || y >= rows || x >= columns) return null;
      return shown.intensities(z)?.[y * columns + x] ?? null;
    },
    sourceKey: () => shown.source().key,
    window: () => shown.source().window,
    stored: ({ low, high }) => {
      const { slope, intercept } = shown.source();
      return { low: (low - intercept) / slope, high: (high - intercept) / slope };
    },
    values: ({ low, high }) => {
      const { slope, intercept } = shown.source();
      return { low: low * slope + intercept, high: high * slope + intercept };
    },
    panBy,
    zoomAt: (factor, x, y) => {
      const [least, most] = ZOOM_LIMITS;
      const held = viewport().canvasToWorld([x, y]);
      viewport().setZoom(Math.min(Math.max(viewport().getZoom() * factor, least), most));
      const [nowX, nowY] = viewport().worldToCanvas(held);
      panBy(x - nowX, y - nowY);
    },
  };
}
