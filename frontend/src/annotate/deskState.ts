/** What the page shows of an opened case. */
import type { Derived } from '../api';
import { at, type LabelStyle, type Links, type Loading, type PaneId, type PaneSpec } from '../viewer';
import type { PlaneName, ToolName, Vec3, Viewer, WindowRange } from '../viewer';
import type { CineState } from './cine';
import { type Layout, panesOf } from './layouts';
import type { ProposalState } from './proposal/proposal';
import { type DrawOptions, firstOptions } from './drawing/options';
import { readPreferences } from './preferences';

export interface Hover {
  pane: PaneId;
  plane: PlaneName;
  zyx: Vec3;
  /** Value of the pane's source in its unit, null while it has not arrived. */
  value: number | null;
  label: number;
}

export interface DeskState {
  ready: boolean;
  editable: boolean;
  tool: ToolName;
  brushMm: number;
  drawing: DrawOptions;
  label: number;
  /** The labels in the colours of the person who looks. */
  labels: readonly LabelStyle[];
  hidden: ReadonlySet<number>;
  locked: ReadonlySet<number>;
  opacity: number;
  outline: boolean;
  fill: boolean;
  layout: Layout;
  /** What the panes of the layout are to show, whether it can be shown yet or not. */
  panes: readonly PaneSpec[];
  /** The pane that has the stage to itself. */
  largest: PaneId | null;
  links: Links;
  /** Whether the other planes are drawn as lines. */
  lines: boolean;
  phase: number;
  /** Window of the chosen source, in its unit. */
  window: WindowRange;
  steadyWindow: boolean;
  slices: Record<PlaneName, number>;
  /** Grows with every change of a window or of a slice, for what shows those of a pane. */
  looked: number;
  cine: CineState;
  /** Pictures that the phases can give; null until they are known. */
  derived: readonly Derived[] | null;
  derivedFailure: unknown;
  hover: Hover | null;
  loading: Loading;
  /** Voxels by label value. */
  totals: readonly number[];
  /** Label values in each slice of the main plane. */
  labelsBySlice: readonly (readonly number[])[];
  /** How unsure the model was of each stored slice, 0 sure to 1 clueless; null where that is not known. */
  doubt: readonly number[] | null;
  /** Slices that the task asks for, in stored order; null where it asks for all. */
  asked: readonly number[] | null;
  /** Whether the surfaces of the labels are shown. */
  surfaces: boolean;
  /** What undo would take back, and redo do again; null where there is nothing. */
  undoTitle: string | null;
  redoTitle: string | null;
  /** The model's draft, null where there is none. */
  proposal: ProposalState | null;
  /** Grows with every picture drawn, so that what lies over it can follow. */
  drawn: number;
}

/** Rows and columns from which an outline of one pixel is a line rather than a band. */
const FINE_PIXELS = 200;

export function initialState(
  viewer: Viewer,
  labels: readonly LabelStyle[],
  phases: readonly number[],
): DeskState {
  const { brushMm, opacity, outline, fill, layout, lines, cinePerSecond } = readPreferences();
  const { shapeZyx } = viewer.grid;
  return {
    ready: false,
    editable: false,
    tool: 'window',
    brushMm,
    drawing: firstOptions(),
    label: labels[0]?.value ?? 1,
    labels,
    hidden: new Set(),
    locked: new Set(),
    opacity,
    outline: outline ?? Math.min(at(shapeZyx, 1), at(shapeZyx, 2)) >= FINE_PIXELS,
    fill,
    layout,
    panes: panesOf(layout, { mainPlane: viewer.mainPlane, phases }),
    largest: null,
    links: viewer.links,
    lines,
    phase: viewer.phase,
    window: viewer.windowing.of(viewer.chosen),
    steadyWindow: viewer.windowing.isSteady,
    looked: 0,
    cine: { state: 'still', fraction: 0, perSecond: cinePerSecond },
    derived: null,
    derivedFailure: null,
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
    asked: null,
    surfaces: false,
    proposal: null,
    undoTitle: null,
    redoTitle: null,
    drawn: 0,
  };
}
