/** What drawing needs of a pane, and of the mask on which is drawn. */
import type { Grid, Vec3 } from '../grid';
import type { Plane } from '../planes';
import type { IntensityRange, PaintRules } from './rules';
import type { Canvas } from './stroke';

export interface DrawPane {
  element: HTMLDivElement;
  plane: Plane;
  /** Slice that is shown. */
  slice: () => number;
  /** Index (z, y, x), not rounded, under a point in CSS pixels from the element's corner; whole along the plane's axis. */
  indexAt: (x: number, y: number) => Vec3;
  /** Where an index is drawn, in CSS pixels from the element's corner. */
  canvasPoint: (zyx: Readonly<Vec3>) => [number, number];
  pixelsPerMm: () => number;
  /** Stored intensities (Y·X,) of a slice of the source shown, null while they have not arrived. */
  intensities: (z: number) => ArrayLike<number> | null;
  /** Stored intensity of a voxel (z, y, x), null outside of the volume and while it has not arrived. */
  valueAt: (zyx: Readonly<Vec3>) => number | null;
  /** Names the source shown. */
  sourceKey: () => string;
  /** Stored intensities that are usual in the source shown. */
  window: () => IntensityRange;
  /** A range of values of the source shown, as stored intensities. */
  stored: (range: IntensityRange) => IntensityRange;
  /** A range of stored intensities, as values. */
  values: (range: IntensityRange) => IntensityRange;
  panBy: (dx: number, dy: number) => void;
  /** Make the picture larger by a factor around a point. */
  zoomAt: (factor: number, x: number, y: number) => void;
}

/** Where the pointer is: voxel and pixel. */
export interface Spot {
  zyx: Vec3;
  canvas: readonly [number, number];
}

export interface Keys {
  shift: boolean;
  alt: boolean;
}

/** The mask and its owners. */
export interface DrawHost {
  grid: Grid;
  labels: Canvas['labels'];
  /** Slices were written to; they are to be drawn and uploaded. */
  changed: (slices: readonly number[]) => void;
  /** A stroke is over: one step of the history. */
  endStroke: () => void;
  /** A range of values was picked. */
  onPick: (range: IntensityRange) => void;
  /** A label was picked. */
  onPickLabel: (label: number) => void;
}

/** The rules with their range as the pane's source stores it. */
export const rulesIn = (pane: DrawPane, rules: PaintRules): PaintRules => ({
  ...rules,
  range: rules.range && pane.stored(rules.range),
});
