/** What the page shows of an opened case. */
import { at, type LabelStyle, type Loading, type PlaneName, type ToolName, type Vec3 } from '../viewer';
import type { Viewer, WindowRange } from '../viewer';
import { readPreferences } from './preferences';

export type Layout = 'one' | 'three';

export interface Hover {
  plane: PlaneName;
  zyx: Vec3;
  /** Scanner value, null while it has not arrived. */
  value: number | null;
  label: number;
}

export interface DeskState {
  ready: boolean;
  editable: boolean;
  tool: ToolName;
  brushMm: number;
  label: number;
  hidden: ReadonlySet<number>;
  locked: ReadonlySet<number>;
  opacity: number;
  outline: boolean;
  fill: boolean;
  layout: Layout;
  phase: number;
  window: WindowRange;
  slices: Record<PlaneName, number>;
  hover: Hover | null;
  loading: Loading;
  /** Voxels by label value. */
  totals: readonly number[];
  /** Label values in each slice of the main plane. */
  labelsBySlice: readonly (readonly number[])[];
  /** How unsure the model was of each stored slice, 0 sure to 1 clueless; null where that is not known. */
  doubt: readonly number[] | null;
  /** What undo would take back, and redo do again; null where there is nothing. */
  undoTitle: string | null;
  redoTitle: string | null;
  /** Grows with every picture drawn, so that what lies over it can follow. */
  drawn: number;
}

/** Rows and columns from which an outline of one pixel is a line rather than a band. */
const FINE_PIXELS = 200;

export function initialState(viewer: Viewer, labels: readonly LabelStyle[]): DeskState {
  const { brushMm, opacity, outline, fill, layout } = readPreferences();
  const { shapeZyx } = viewer.grid;
  return {
    ready: false,
    editable: false,
    tool: 'window',
    brushMm,
    label: labels[0]?.value ?? 1,
    hidden: new Set(),
    locked: new Set(),
    opacity,
    outline: outline ?? Math.min(at(shapeZyx, 1), at(shapeZyx, 2)) >= FINE_PIXELS,
    fill,
    layout,
    phase: viewer.phase,
    window: viewer.windowRange,
    slices: {
      axial: viewer.slice('axial'),
      sagittal: viewer.slice('sagittal'),
      coronal: viewer.slice('coronal'),
    },
    hover: null,
    loading: { fraction: 0, failed: false },
    totals: [],
    labelsBySlice: [],
    doubt: null,
    undoTitle: null,
    redoTitle: null,
    drawn: 0,
  };
}
