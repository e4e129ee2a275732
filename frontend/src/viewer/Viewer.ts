/** One opened case: its phases, its mask, its panes and tools. The page holds one of these and no cornerstone object. */
import { Enums } from '@cornerstonejs/core';

import { Blocks } from './blocks';
import { type FetchBlock, fetchBlock } from './chunks';
import { startEngine } from './engine';
import { listen } from './gestures';
import { type Affine, at, type Grid, makeGrid, toLps, type Vec3 } from './grid';
import { type Change, Labelmap, type LabelStyle, type Slices } from './labelmap';
import { Panes, type WindowRange } from './panes';
import { type Loading, type PhaseInput, PhaseVolumes } from './phases';
import { type Plane, type PlaneName, PLANES, planesOf, storedPlane } from './planes';
import { Tools, type ToolName } from './tools';

export type PaneElements = Record<PlaneName, HTMLDivElement>;

export interface CaseInput {
  shapeZyx: readonly number[];
  affine: Affine;
  phases: readonly PhaseInput[];
  labels: readonly LabelStyle[];
}

export interface ViewerEvents {
  /** A step was done, undone or done again, or another mask was loaded. */
  onModified: (change: Change) => void;
  onLoading: (loading: Loading) => void;
  onWindow: (window: WindowRange) => void;
  /** The slice of a pane changed, by the wheel or by a call. */
  onSlice: (plane: PlaneName) => void;
  /** Ctrl and the wheel: make the brush larger (1) or smaller (-1). */
  onBrushStep: (steps: number) => void;
  /** The pointer is over this voxel, or over none. */
  onHover: (plane: PlaneName, zyx: Vec3 | null, event: PointerEvent) => void;
  /** A picture was drawn: overlays that follow the camera are to be placed again. */
  onDrawn: () => void;
}

const ZOOM_STEP = 1.15;
/** Drag that changes the window by the whole window of the phase. */
const WINDOW_DRAG_PX = 400;

/** Marks of the browser's user timing, for measurements. */
const FIRST_SLICE = 'ninefold.first-slice';
const WHOLE_PHASE = 'ninefold.whole-phase';

let opened = 0;

export class Viewer {
  readonly grid: Grid;
  readonly planes: Record<PlaneName, Plane>;
  /** The plane of stored slices. */
  readonly mainPlane: PlaneName;
  private readonly key: string;
  private readonly phases: PhaseVolumes;
  private readonly blocks: Blocks;
  private readonly panes: Panes;
  private readonly tools: Tools;
  private labelmap: Labelmap | null = null;
  private phaseIndex: number;
  private window: WindowRange;
  private hidden = new Set<number>();
  private destroyed = false;
  private switching: Promise<void> = Promise.resolve();
  private readonly resizing: ResizeObserver;
  private readonly listening = new Map<PlaneName, () => void>();

  /** Raises NoWebGlError where the browser lacks WebGL 2. */
  constructor(
    private readonly input: CaseInput,
    private readonly elements: PaneElements,
    private readonly events: ViewerEvents,
    fetcher: FetchBlock = fetchBlock,
  ) {
    startEngine();
    opened += 1;
    const key = `case-${opened}`;
    this.key = key;
    this.grid = makeGrid(input.shapeZyx, input.affine);
    this.planes = planesOf(this.grid);
    this.mainPlane = storedPlane(this.planes);
    this.phases = new PhaseVolumes(key, this.grid, input.phases, fetcher, () => this.tellLoading());
    this.blocks = new Blocks(this.grid.shapeZyx, fetcher);
    this.panes = new Panes(key, this.grid, this.planes);
    this.tools = new Tools(key, this.panes.engineId);
    this.phaseIndex = firstPhase(input.phases);
    this.window = this.phases.input(this.phaseIndex).window;
    this.resizing = new ResizeObserver(() => this.panes.resize());
  }

  /** Show the main plane; resolves when its first slice is on the screen. */
  async start(mask: Slices, slice?: number): Promise<void> {
    if (slice !== undefined) this.panes.setSlice(this.mainPlane, slice);
    const at = this.panes.sliceOf(this.mainPlane);
    const volumeId = await this.phases.open(this.phaseIndex, at);
    if (this.destroyed) return;
    this.labelmap = new Labelmap(this.key, this.grid, volumeId, this.input.labels, (change) =>
      this.events.onModified(change),
    );
    this.labelmap.load(mask);
    await this.addPane(this.mainPlane);
    await this.phases.ready(this.phaseIndex, at);
    this.elements[this.mainPlane].addEventListener(Enums.Events.IMAGE_RENDERED, markFirstSlice, {
      once: true,
    });
    this.panes.render();
  }

  /** Whether the case was closed, perhaps while it was still being opened. */
  get closed(): boolean {
    return this.destroyed;
  }

  get mask(): Labelmap {
    if (!this.labelmap) throw new Error('the case is not open yet');
    return this.labelmap;
  }

  // ---- panes

  get shownPlanes(): PlaneName[] {
    return this.panes.names;
  }

  /** Show these planes, the main one always among them. */
  async setLayout(planes: readonly PlaneName[]): Promise<void> {
    const wanted = new Set<PlaneName>([this.mainPlane, ...planes]);
    for (const name of this.panes.names) if (!wanted.has(name)) this.removePane(name);
    for (const name of wanted) if (!this.panes.names.includes(name)) await this.addPane(name);
    this.panes.resize();
  }

  slice(plane: PlaneName): number {
    return this.panes.sliceOf(plane);
  }

  sliceCount(plane: PlaneName): number {
    return this.panes.slicesOf(plane);
  }

  /** Where the slice shown lies in the patient: `H 12.0 mm`. */
  position(plane: PlaneName): string {
    return this.panes.position(plane);
  }

  /** Where a slice that may not be shown lies. */
  positionOf(plane: PlaneName, slice: number): string {
    return this.panes.position(plane, slice);
  }

  /** Go to a slice; returns whether it is another one than before. */
  setSlice(plane: PlaneName, slice: number): boolean {
    const moved = this.panes.setSlice(plane, slice);
    if (!moved) return false;
    if (plane === this.mainPlane) this.lookAt(this.panes.sliceOf(plane));
    this.events.onSlice(plane);
    return true;
  }

  /** Element of a plane's pane, while it is shown. */
  paneElement(plane: PlaneName): HTMLDivElement | undefined {
    return this.panes.element(plane);
  }

  /** The shown plane whose pane holds a node. */
  paneOf(node: EventTarget | null): PlaneName | undefined {
    return this.panes.nameAt(node);
  }

  voxelUnder(plane: PlaneName, x: number, y: number): Vec3 | null {
    return this.panes.voxelUnder(plane, x, y);
  }

  /** Take all panes through one voxel. */
  goTo(zyx: Readonly<Vec3>): void {
    for (const plane of PLANES) this.setSlice(plane, at(zyx, this.planes[plane].axis));
  }

  canvasPoint(plane: PlaneName, zyx: Readonly<Vec3>): [number, number] {
    return this.panes.canvasPoint(plane, zyx);
  }

  pixelsPerMm(plane: PlaneName): number {
    return this.panes.pixelsPerMm(plane);
  }

  positionLps(zyx: Readonly<Vec3>): Vec3 {
    return toLps(this.grid, zyx);
  }

  zoomBy(plane: PlaneName, factor: number): void {
    this.panes.zoomBy(plane, factor);
  }

  resetCameras(): void {
    this.panes.resetCameras();
  }

  // ---- pixels

  get phase(): number {
    return this.phaseIndex;
  }

  /** Another phase on the same place. Calls that come while one is under way are served in turn. */
  setPhase(index: number): Promise<void> {
    this.switching = this.switching.then(() => this.swapPhase(index));
    return this.switching;
  }

  /** Scanner value of a voxel in the shown phase, or null while it has not arrived. */
  value([z, y, x]: Readonly<Vec3>): number | null {
    return this.phases.value(this.phaseIndex, z, y, x);
  }

  /**
   * Stored values (Y·X,) of a slice of any phase: a view, not to be written to. Only the block that holds it is fetched
   * where the phase is not on the screen. Rejects when the server does not give it.
   */
  async storedSlice(phase: number, z: number): Promise<Int16Array> {
    return this.phases.arrived(phase, z) ?? this.blocks.slice(this.phases.input(phase), z);
  }

  get windowRange(): WindowRange {
    return this.window;
  }

  setWindow(window: WindowRange): void {
    this.window = window;
    this.panes.setWindow(window);
    this.events.onWindow(window);
  }

  /** The window that suits the shown phase. */
  resetWindow(): void {
    this.setWindow(this.phases.input(this.phaseIndex).window);
  }

  /** Stored slices of the shown phase that have not arrived, as ranges from the first to before the last. */
  get missingSlices(): [number, number][] {
    return this.phases.missing(this.phaseIndex);
  }

  retryLoading(): void {
    this.phases.retry();
  }

  // ---- tools and labels

  /** Give a tool the left button; a stroke that is under way is drawn to its end first. */
  selectTool(tool: ToolName): void {
    if (this.labelmap) this.labelmap.betweenStrokes(() => this.tools.select(tool));
    else this.tools.select(tool);
  }

  setBrushDiameter(mm: number): void {
    this.tools.setBrushDiameter(mm);
  }

  setLabelVisible(value: number, visible: boolean): void {
    if (visible) this.hidden.delete(value);
    else this.hidden.add(value);
    this.mask.setVisible(this.panes.viewportIds, value, visible);
  }

  /** Stop everything and free the memory of the case. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.resizing.disconnect();
    for (const name of this.panes.names) this.unlisten(name);
    this.tools.destroy();
    this.panes.destroy();
    this.labelmap?.destroy();
    this.phases.destroy();
    this.blocks.stop();
  }

  /** cornerstone draws again with every fiftieth of a volume; the slice that is looked at shows when it comes. */
  private lookAt(slice: number): void {
    const isThere = this.phases.isReady(this.phaseIndex, slice);
    this.phases.focus(this.phaseIndex, slice);
    if (isThere) return;
    void this.phases.ready(this.phaseIndex, slice).then(() => {
      if (!this.destroyed) this.panes.render();
    });
  }

  private async swapPhase(index: number): Promise<void> {
    if (this.destroyed || index === this.phaseIndex) return;
    const volumeId = await this.phases.open(index, this.panes.sliceOf(this.mainPlane));
    this.phaseIndex = index;
    this.tellLoading();
    await this.panes.swap(volumeId, this.window);
    this.mask.refersTo(volumeId);
    this.panes.viewportIds.forEach((id) => this.mask.renderIn(id));
  }

  private async addPane(name: PlaneName): Promise<void> {
    const volumeId = await this.phases.open(this.phaseIndex, this.panes.sliceOf(this.mainPlane));
    const element = this.elements[name];
    await this.panes.add(name, element, volumeId, this.window);
    if (this.destroyed) return;
    this.tools.attach(this.panes.viewportId(name));
    this.mask.showIn(this.panes.viewportId(name));
    for (const value of this.hidden) this.mask.setVisible([this.panes.viewportId(name)], value, false);
    this.listening.set(name, this.listenTo(name, element));
    element.addEventListener(Enums.Events.IMAGE_RENDERED, this.events.onDrawn);
    this.resizing.observe(element);
  }

  private removePane(name: PlaneName): void {
    this.unlisten(name);
    this.tools.detach(this.panes.viewportId(name));
    this.panes.remove(name);
  }

  private unlisten(name: PlaneName): void {
    const element = this.elements[name];
    this.listening.get(name)?.();
    this.listening.delete(name);
    element.removeEventListener(Enums.Events.IMAGE_RENDERED, this.events.onDrawn);
    this.resizing.unobserve(element);
  }

  private listenTo(name: PlaneName, element: HTMLDivElement): () => void {
    return listen(element, {
      onScroll: (_, steps) => this.setSlice(name, this.slice(name) + steps),
      onResize: (_, steps) => this.events.onBrushStep(steps),
      onZoom: (_, steps) => this.zoomBy(name, ZOOM_STEP ** steps),
      onWindowDrag: (dx, dy) => this.dragWindow(dx, dy),
      onHover: (_, point, event) =>
        this.events.onHover(name, point && this.voxelUnder(name, ...point), event),
      leftDragsWindow: () => this.tools.selected === 'window',
    });
  }

  /** Right makes the window wider, down makes the picture darker. */
  private dragWindow(dx: number, dy: number): void {
    const { low, high } = this.phases.input(this.phaseIndex).window;
    const perPixel = (high - low) / WINDOW_DRAG_PX;
    const width = Math.max(this.window.high - this.window.low + dx * perPixel, perPixel);
    const centre = (this.window.high + this.window.low) / 2 + dy * perPixel;
    this.setWindow({ low: centre - width / 2, high: centre + width / 2 });
  }

  private tellLoading(): void {
    const loading = this.phases.loading(this.phaseIndex);
    if (loading.fraction === 1) performance.mark(WHOLE_PHASE);
    this.events.onLoading(loading);
  }
}

function markFirstSlice(): void {
  performance.mark(FIRST_SLICE);
}

/** Enhancing tissue shows first after contrast, so that the first post-contrast phase opens where there is one. */
function firstPhase(phases: readonly PhaseInput[]): number {
  const first = phases[1] ?? phases[0];
  if (!first) throw new RangeError('the volume has no phase');
  return first.index;
}
