/** The editor of one opened case: the viewer, and what the page shows of it. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import {
  at,
  exposeProbe,
  type LabelStyle,
  type Loading,
  type PaneElements,
  type PhaseInput,
  type PlaneName,
  type Slices,
  type ToolName,
  type Vec3,
  Viewer,
  type WindowRange,
} from '../viewer';
import type { Volume } from '../api';
import { LabelCounts } from './counts';
import { readPreferences, writePreferences } from './preferences';

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
  canUndo: boolean;
  canRedo: boolean;
  /** Grows with every picture drawn, so that what lies over it can follow. */
  drawn: number;
}

const BRUSH_STEP = 1.15;
const BRUSH_MAX_MM = 80;
const COUNT_AFTER_MS = 350;
/** Rows and columns from which an outline of one pixel is a line rather than a band. */
const FINE_PIXELS = 200;

export class Desk {
  readonly store: StoreApi<DeskState>;
  readonly viewer: Viewer;
  opened: Promise<void> = Promise.resolve();
  private readonly counts: LabelCounts;
  private readonly touched = new Set<() => void>();
  private countTimer: ReturnType<typeof setTimeout> | undefined;
  private hideProbe: (() => void) | undefined;
  private drawFrame = 0;
  private lastModified: readonly number[] = [];

  constructor(
    readonly volume: Volume,
    readonly labels: readonly LabelStyle[],
    elements: PaneElements,
  ) {
    const input = {
      shapeZyx: volume.shape_zyx,
      affine: volume.affine,
      phases: volume.phases.map(phaseInput),
      labels,
    };
    this.viewer = new Viewer(input, elements, {
      onModified: (slices) => this.whenModified(slices),
      onLoading: (loading) => this.store.setState({ loading }),
      onWindow: (window) => this.store.setState({ window }),
      onSlice: (plane) => this.tellSlice(plane),
      onBrushStep: (steps) => this.stepBrush(steps),
      onHover: (plane, zyx, event) => this.hover(plane, zyx, event),
      onDrawn: () => this.whenDrawn(),
    });
    const highest = Math.max(...labels.map(({ value }) => value));
    this.counts = new LabelCounts(this.viewer.grid.shapeZyx[0], highest, (z) => this.viewer.mask.slice(z));
    this.store = createStore<DeskState>(() => this.initial());
  }

  get state(): DeskState {
    return this.store.getState();
  }

  get sliceSize(): number {
    return this.viewer.grid.shapeZyx[1] * this.viewer.grid.shapeZyx[2];
  }

  /** Show the first slice, then the rest; `opened` resolves with it. */
  open(): Promise<void> {
    this.opened = this.start();
    return this.opened;
  }

  private async start(): Promise<void> {
    await this.viewer.start(new Map());
    if (this.viewer.closed) return;
    const { tool, brushMm, label, layout } = this.state;
    this.viewer.mask.setActive(label);
    this.viewer.setBrushDiameter(brushMm);
    this.viewer.selectTool(tool);
    this.applyStyle();
    if (layout === 'three') await this.viewer.setLayout(['axial', 'sagittal', 'coronal']);
  }

  /** Put a mask on the desk, shown as it is or by another mask of the same slices; what was there is forgotten. */
  loadMask(slices: Slices, shownAs?: Slices): void {
    this.viewer.mask.load(slices);
    this.recount();
    if (shownAs) this.viewer.mask.load(shownAs);
    clearTimeout(this.countTimer); // labels are counted in the mask, however it is shown
    this.hideProbe ??= exposeProbe(this.viewer);
    this.store.setState({ ready: true });
  }

  /** Let the mask be drawn on, or not. */
  setEditable(editable: boolean): void {
    if (this.state.editable === editable) return;
    this.store.setState({ editable });
    this.selectTool(editable ? 'brush' : 'window');
  }

  /** Call whenever the mask may have changed by hand. Returns the way to stop it. */
  onTouched(listener: () => void): () => void {
    this.touched.add(listener);
    return () => this.touched.delete(listener);
  }

  selectTool(tool: ToolName): void {
    if (!this.state.editable && (tool === 'brush' || tool === 'eraser')) return;
    this.store.setState({ tool });
    this.viewer.selectTool(tool);
  }

  setBrush(mm: number): void {
    const finest = Math.max(...this.viewer.grid.spacingZyxMm.slice(1));
    const brushMm = Math.round(Math.min(Math.max(mm, finest), BRUSH_MAX_MM) * 10) / 10;
    this.store.setState({ brushMm });
    this.viewer.setBrushDiameter(brushMm);
    writePreferences({ brushMm });
  }

  /** Make the brush larger (positive) or smaller. */
  stepBrush(steps: number): void {
    this.setBrush(this.state.brushMm * BRUSH_STEP ** steps);
  }

  selectLabel(label: number): void {
    if (!this.labels.some(({ value }) => value === label)) return;
    this.store.setState({ label });
    this.viewer.mask.setActive(label);
    if (this.state.editable && this.state.tool !== 'brush') this.selectTool('brush');
  }

  toggleVisible(label: number): void {
    this.setHidden(toggled(this.state.hidden, label));
  }

  /** Show one label alone, or all again when it is alone already. */
  toggleSolo(label: number): void {
    const others = this.labels.map(({ value }) => value).filter((value) => value !== label);
    const alone = !this.state.hidden.has(label) && others.every((value) => this.state.hidden.has(value));
    this.setHidden(new Set(alone ? [] : others));
  }

  /** Show all labels, or none. */
  toggleAllVisible(): void {
    const { hidden } = this.state;
    this.setHidden(new Set(hidden.size > 0 ? [] : this.labels.map(({ value }) => value)));
  }

  toggleLocked(label: number): void {
    this.store.setState({ locked: toggled(this.state.locked, label) });
    this.applyLocks();
  }

  setStyle(style: Partial<Pick<DeskState, 'opacity' | 'outline' | 'fill'>>): void {
    this.store.setState(style);
    this.applyStyle();
    writePreferences(style);
  }

  /** Filling with outline, filling alone, outline alone, and round again. */
  stepStyle(): void {
    const { outline, fill } = this.state;
    if (outline && fill) this.setStyle({ outline: false });
    else if (fill) this.setStyle({ outline: true, fill: false });
    else this.setStyle({ outline: true, fill: true });
  }

  async setLayout(layout: Layout): Promise<void> {
    this.store.setState({ layout });
    writePreferences({ layout });
    await this.viewer.setLayout(layout === 'three' ? ['axial', 'sagittal', 'coronal'] : []);
  }

  async setPhase(index: number): Promise<void> {
    if (!this.volume.phases.some((phase) => phase.index === index)) return;
    this.store.setState({ phase: index });
    await this.viewer.setPhase(index);
  }

  /** The next or the previous phase, round and round. */
  async stepPhase(steps: number): Promise<void> {
    const indices = this.volume.phases.map(({ index }) => index);
    const now = indices.indexOf(this.state.phase);
    await this.setPhase(indices[(now + steps + indices.length) % indices.length] ?? 0);
  }

  setSlice(slice: number, plane: PlaneName = this.viewer.mainPlane): void {
    this.viewer.setSlice(plane, slice);
  }

  stepSlice(steps: number): void {
    this.setSlice(this.viewer.slice(this.viewer.mainPlane) + steps);
  }

  /** Take all planes through a voxel; coordinates that are not given stay. */
  goTo(z: number, y: number | null = null, x: number | null = null): void {
    this.viewer.goTo([z, y ?? this.sliceAlong(1), x ?? this.sliceAlong(2)]);
  }

  undo(): void {
    if (this.state.editable) this.travel(() => this.viewer.mask.undo());
  }

  redo(): void {
    if (this.state.editable) this.travel(() => this.viewer.mask.redo());
  }

  resetView(): void {
    this.viewer.resetCameras();
    this.viewer.resetWindow();
  }

  zoom(steps: number): void {
    this.viewer.zoomBy(this.viewer.mainPlane, BRUSH_STEP ** steps);
  }

  destroy(): void {
    clearTimeout(this.countTimer);
    cancelAnimationFrame(this.drawFrame);
    this.hideProbe?.();
    this.touched.clear();
    this.viewer.destroy();
  }

  private initial(): DeskState {
    const { viewer } = this;
    const { brushMm, opacity, outline, fill, layout } = readPreferences();
    return {
      ready: false,
      editable: false,
      tool: 'window',
      brushMm,
      label: this.labels[0]?.value ?? 1,
      hidden: new Set(),
      locked: new Set(),
      opacity,
      outline: outline ?? Math.min(viewer.grid.shapeZyx[1], viewer.grid.shapeZyx[2]) >= FINE_PIXELS,
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
      canUndo: false,
      canRedo: false,
      drawn: 0,
    };
  }

  private sliceAlong(axis: 0 | 1 | 2): number {
    const { planes } = this.viewer;
    const plane = Object.values(planes).find((candidate) => candidate.axis === axis);
    return plane ? this.viewer.slice(plane.name) : 0;
  }

  private setHidden(hidden: ReadonlySet<number>): void {
    this.store.setState({ hidden });
    for (const { value } of this.labels) this.viewer.setLabelVisible(value, !hidden.has(value));
    this.applyLocks();
  }

  /** What is not seen must not be painted over, so that a hidden label is locked too. */
  private applyLocks(): void {
    const { hidden, locked } = this.state;
    for (const { value } of this.labels)
      this.viewer.mask.setLocked(value, locked.has(value) || hidden.has(value));
  }

  private applyStyle(): void {
    const { opacity, outline, fill } = this.state;
    this.viewer.mask.setStyle({ opacity, outline, fill });
  }

  private whenModified(slices: readonly number[]): void {
    this.lastModified = slices;
    if (!this.state.ready) return;
    this.tellHistory();
    clearTimeout(this.countTimer);
    this.countTimer = setTimeout(() => this.recount(), COUNT_AFTER_MS);
    if (this.state.editable) for (const listener of this.touched) listener();
  }

  /** Undo or redo, and show the slice where that happened. */
  private travel(step: () => void): void {
    this.lastModified = [];
    step();
    this.tellHistory();
    const here = this.viewer.slice(this.viewer.mainPlane);
    const nearest = [...this.lastModified].sort((a, b) => Math.abs(a - here) - Math.abs(b - here))[0];
    if (nearest !== undefined) this.setSlice(nearest);
  }

  private tellHistory(): void {
    const { canUndo, canRedo } = this.viewer.mask;
    this.store.setState({ canUndo, canRedo });
  }

  private recount(): void {
    this.tellHistory(); // a stroke enters the history when it ends, after it was told
    this.counts.refresh();
    const labelsBySlice = Array.from({ length: this.viewer.grid.shapeZyx[0] }, (_, z) =>
      this.counts.labelsIn(z),
    );
    this.store.setState({ totals: this.counts.totals(), labelsBySlice });
  }

  private tellSlice(plane: PlaneName): void {
    this.store.setState(({ slices }) => ({
      slices: { ...slices, [plane]: this.viewer.slice(plane) },
      hover: null,
    }));
  }

  private hover(plane: PlaneName, zyx: Vec3 | null, event: PointerEvent): void {
    if (!zyx || !this.state.ready) {
      this.store.setState({ hover: null });
      return;
    }
    const [z, y, x] = zyx;
    const label = this.viewer.mask.slice(z)[y * this.viewer.grid.shapeZyx[2] + x] ?? 0;
    this.store.setState({ hover: { plane, zyx, value: this.viewer.value(zyx), label } });
    if (event.shiftKey && event.buttons === 0) this.followPointer(plane, zyx);
  }

  /** With Shift held the other planes go through the pointer, as in 3D Slicer. */
  private followPointer(plane: PlaneName, zyx: Vec3): void {
    for (const other of this.viewer.shownPlanes) {
      if (other !== plane) this.setSlice(at(zyx, this.viewer.planes[other].axis), other);
    }
  }

  private whenDrawn(): void {
    this.drawFrame ||= requestAnimationFrame(() => {
      this.drawFrame = 0;
      this.store.setState(({ drawn }) => ({ drawn: drawn + 1 }));
    });
  }
}

function phaseInput(phase: Volume['phases'][number]): PhaseInput {
  return {
    index: phase.index,
    label: phase.label,
    codec: phase.codec,
    slicesPerChunk: phase.slices_per_chunk,
    chunkUrls: phase.chunks,
    slope: phase.slope,
    intercept: phase.intercept,
    window: { low: phase.window_low, high: phase.window_high },
  };
}

function toggled(values: ReadonlySet<number>, value: number): ReadonlySet<number> {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next;
}
