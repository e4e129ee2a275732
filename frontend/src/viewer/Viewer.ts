/** One opened case: its sources, its mask, its panes and tools. The page holds one of these and no cornerstone object. */
import { Enums } from '@cornerstonejs/core';

import { Blocks } from './blocks';
import { brightest } from './brightest';
import { type FetchBlock, fetchBlock } from './chunks';
import { Drawing, type IntensityRange } from './drawing';
import { drawHost, drawPane } from './drawPane';
import { startEngine } from './engine';
import { listen } from './gestures';
import { goByPress } from './going';
import { type Affine, at, type Grid, makeGrid, toLps, type Vec3 } from './grid';
import { type Change, Labelmap, type LabelStyle, type Slices } from './labelmap';
import type { Links } from './linking';
import { LookTools } from './lookTools';
import { Pictures } from './lostContext';
import { Panes } from './panes';
import { isPaneId, type PaneId, type PaneRef, type PaneSpec } from './paneSpec';
import { type Plane, type PlaneName, PLANES, planesOf, storedPlane } from './planes';
import { Showing } from './showing';
import { firstSource, type Loading, phaseKey, type SourceInput, Sources } from './sources';
import { Tools, type ToolName } from './tools';
import { Windowing } from './windowing';

export type PaneElements = Record<PaneId, HTMLDivElement>;

export interface CaseInput {
  shapeZyx: readonly number[];
  affine: Affine;
  /** The phases in order, and whatever else there is already. */
  sources: readonly SourceInput[];
  labels: readonly LabelStyle[];
}

export interface ViewerEvents {
  /** A step was done, undone or done again, or another mask was loaded. */
  onModified: (change: Change) => void;
  onLoading: (loading: Loading) => void;
  /** A window changed, or another source came into a pane. */
  onWindow: () => void;
  /** The slice of a pane changed, by the wheel or by a call. */
  onSlice: () => void;
  /** Ctrl and the wheel: make the brush larger (1) or smaller (-1). */
  onBrushStep: (steps: number) => void;
  /** The pointer is over this voxel, or over none. */
  onHover: (pane: PaneSpec, zyx: Vec3 | null, event: PointerEvent) => void;
  /** A range of values was picked in a pane. */
  onPickRange: (range: IntensityRange) => void;
  onPickLabel: (label: number) => void;
  /** A picture was drawn: overlays that follow the camera are to be placed again. */
  onDrawn: () => void;
}

const ZOOM_STEP = 1.15;

/** Marks of the browser's user timing, for measurements. */
const FIRST_SLICE = 'ninefold.first-slice';
const WHOLE_PHASE = 'ninefold.whole-phase';

let opened = 0;

export class Viewer {
  readonly grid: Grid;
  readonly planes: Record<PlaneName, Plane>;
  /** The plane of stored slices. */
  readonly mainPlane: PlaneName;
  readonly windowing: Windowing;
  /** Whether they can still be drawn. */
  readonly pictures: Pictures;
  private readonly key: string;
  private readonly sources: Sources;
  private readonly blocks: Blocks;
  private readonly panes: Panes;
  private readonly showing: Showing;
  private readonly tools: Tools;
  private readonly lookTools: LookTools;
  readonly drawing: Drawing;
  private labelmap: Labelmap | null = null;
  private hidden = new Set<number>();
  private destroyed = false;
  private readonly resizing: ResizeObserver;
  private readonly listening = new Map<PaneId, () => void>();

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
    this.sources = new Sources(key, this.grid, input.sources, fetcher, () => this.tellLoading());
    this.blocks = new Blocks(this.grid.shapeZyx, fetcher);
    this.panes = new Panes(key, this.grid, this.planes);
    this.tools = new Tools(key, this.panes.engineId);
    this.lookTools = new LookTools(key, this.panes.engineId);
    const first = firstSource(input.sources);
    const { mainPlane, sources, panes } = this;
    const looked = (): number => panes.sliceOf(mainPlane);
    this.windowing = new Windowing(sources, this.grid.shapeZyx[0], looked, () => this.showing, first);
    const { windows } = this.windowing;
    this.showing = new Showing(mainPlane, sources, panes, windows, elements, first, {
      onAdded: (spec, element) => this.furnish(spec, element),
      onRemoving: (id) => this.clear(id),
      onAnew: (id) => this.mask.renderIn(this.panes.viewportId(id)),
      onWindow: () => events.onWindow(),
    });
    this.pictures = new Pictures(this.panes.engineId);
    this.drawing = new Drawing(drawHost(this.grid, () => this.mask, events));
    this.resizing = new ResizeObserver(() => this.panes.resize());
  }

  /** Show the main plane; resolves when its first slice is on the screen. */
  async start(mask: Slices, slice?: number): Promise<void> {
    if (slice !== undefined) this.panes.setSlice(this.mainPlane, slice);
    const at = this.panes.sliceOf(this.mainPlane);
    const key = this.showing.chosenKey;
    const volumeId = await this.sources.open(key, at);
    if (this.destroyed) return;
    this.labelmap = new Labelmap(this.key, this.grid, volumeId, this.input.labels, (change) =>
      this.events.onModified(change),
    );
    this.labelmap.load(mask);
    await this.setPanes([{ id: 'a', plane: this.mainPlane, source: null, projection: null }]);
    await this.sources.ready(key, at);
    if (this.closed) return;
    this.elements.a.addEventListener(Enums.Events.IMAGE_RENDERED, markFirstSlice, { once: true });
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

  /** What the panes show, in their order. */
  get shownPanes(): readonly PaneSpec[] {
    return this.showing.specs;
  }

  get shownPlanes(): PlaneName[] {
    return [...new Set(this.shownPanes.map(({ plane }) => plane))];
  }

  /** Show these panes and no others. Raises RangeError for a source that the case does not have. */
  setPanes(specs: readonly PaneSpec[]): Promise<void> {
    return this.showing.setPanes(specs);
  }

  get links(): Links {
    return this.showing.links;
  }

  setLinks(links: Links): void {
    this.showing.setLinks(links);
    this.events.onSlice();
  }

  /** The slice of a plane on which panes agree, or the slice of one pane. */
  slice(ref: PaneRef): number {
    return isPaneId(ref) && this.panes.has(ref)
      ? this.panes.sliceIn(ref)
      : this.panes.sliceOf(this.planeOf(ref));
  }

  sliceCount(plane: PlaneName): number {
    return this.panes.slicesOf(plane);
  }

  /** Where the slice shown lies in the patient: `H 12.0 mm`. */
  position(ref: PaneRef): string {
    return this.panes.position(this.planeOf(ref), this.slice(ref));
  }

  /** Where a slice that may not be shown lies. */
  positionOf(plane: PlaneName, slice: number): string {
    return this.panes.position(plane, slice);
  }

  /** Go to a slice; returns whether it is another one than before. */
  setSlice(ref: PaneRef, slice: number): boolean {
    const alone = isPaneId(ref) && this.showing.isAlone(ref);
    const plane = this.planeOf(ref);
    const moved = alone ? this.panes.setOwnSlice(ref, slice) : this.panes.setSlice(plane, slice);
    if (!moved) return false;
    if (plane === this.mainPlane) this.lookAt(alone ? this.panes.sliceIn(ref) : this.panes.sliceOf(plane));
    this.events.onSlice();
    return true;
  }

  /** Element of a pane, while it is shown. */
  paneElement(ref: PaneRef): HTMLDivElement | undefined {
    const id = this.idOf(ref);
    return id && this.panes.element(id);
  }

  /** The shown pane that holds a node. */
  paneOf(node: EventTarget | null): PaneSpec | undefined {
    const id = this.panes.idAt(node);
    return id && this.showing.spec(id);
  }

  /**
   * The voxel under a point of a pane, in CSS pixels from its corner, or null outside the volume. In a projection it
   * is the brightest one of those that lie behind each other there.
   */
  voxelUnder(ref: PaneRef, x: number, y: number): Vec3 | null {
    const id = this.idOf(ref);
    const zyx = id ? this.panes.voxelUnder(id, x, y) : null;
    const spec = id && this.showing.spec(id);
    if (!zyx || !spec?.projection) return zyx;
    const { axis } = this.planes[spec.plane];
    const { slabMm } = spec.projection;
    const reach = slabMm === null ? Infinity : Math.floor(slabMm / 2 / at(this.grid.spacingZyxMm, axis));
    const key = this.showing.keyIn(spec.id);
    return brightest((z) => this.sources.pixels(key, z), this.grid.shapeZyx, zyx, axis, reach);
  }

  /** Take all panes through one voxel. */
  goTo(zyx: Readonly<Vec3>): void {
    for (const plane of PLANES) this.setSlice(plane, at(zyx, this.planes[plane].axis));
    for (const { id, plane } of this.shownPanes) {
      if (this.showing.isAlone(id)) this.setSlice(id, at(zyx, this.planes[plane].axis));
    }
  }

  /** Where the middle of a voxel is drawn, in CSS pixels from the corner of a shown pane. */
  canvasPoint(ref: PaneRef, zyx: Readonly<Vec3>): [number, number] {
    return this.panes.canvasPoint(this.shownId(ref), zyx);
  }

  pixelsPerMm(ref: PaneRef): number {
    return this.panes.pixelsPerMm(this.shownId(ref));
  }

  /** Whether a shown pane's camera stands at the slice that it is said to show. */
  isPlaced(ref: PaneRef): boolean {
    return this.panes.isPlaced(this.shownId(ref));
  }

  positionLps(zyx: Readonly<Vec3>): Vec3 {
    return toLps(this.grid, zyx);
  }

  zoomBy(ref: PaneRef, factor: number): void {
    this.panes.zoomBy(this.shownId(ref), factor);
  }

  resetCameras(): void {
    this.panes.resetCameras();
  }

  // ---- sources

  /** What can be shown. */
  get sourceInputs(): readonly SourceInput[] {
    return this.sources.all;
  }

  /** Make a picture known that was derived meanwhile. */
  addSource(input: SourceInput): void {
    this.sources.add(input);
  }

  hasSource(key: string): boolean {
    return this.sources.has(key);
  }

  /** The source that is chosen for all panes. */
  get chosen(): string {
    return this.showing.chosenKey;
  }

  /** Another source on the same place, in all panes that have none of their own. Calls are served in turn. */
  choose(key: string): Promise<void> {
    return this.showing.choose(key).then(() => {
      this.refer(key);
      this.tellLoading();
    });
  }

  /** Key of the source in a pane. */
  sourceIn(ref: PaneRef): string {
    return this.showing.keyIn(ref);
  }

  get phase(): number {
    return Number(/^phase(\d+)$/.exec(this.chosen)?.[1] ?? -1);
  }

  setPhase(index: number): Promise<void> {
    return this.choose(phaseKey(index));
  }

  /** Value of a voxel in a source, the chosen one if none is named, or null while it has not arrived. */
  value([z, y, x]: Readonly<Vec3>, key = this.chosen): number | null {
    return this.sources.value(key, z, y, x);
  }

  /**
   * Stored values (Y·X,) of a slice of any phase: a view, not to be written to. Only the block that holds it is fetched
   * where the phase is not on the screen. Rejects when the server does not give it.
   */
  async storedSlice(phase: number, z: number): Promise<Int16Array> {
    const key = phaseKey(phase);
    return this.sources.pixels(key, z) ?? this.blocks.slice(this.sources.input(key), z);
  }

  /** Stored values (Y·X,) of a slice of a source, or null while it has not arrived: a view, not a copy. */
  pixels(key: string, z: number): Int16Array | null {
    return this.sources.pixels(key, z);
  }

  /** Have a source fetched, and wait until its slice that is looked at is there. */
  async fetch(key: string, slice = this.panes.sliceOf(this.mainPlane)): Promise<void> {
    await this.sources.open(key, slice);
    await this.sources.ready(key, slice);
  }

  /** Sources that will take turns on the screen, as in a cine; none ends it. */
  hold(keys: readonly string[]): void {
    this.sources.hold(keys);
  }

  /** Stored slices of a pane's source that have not arrived, as ranges from the first to before the last. */
  missingIn(ref: PaneRef): [number, number][] {
    return this.sources.missing(this.showing.keyIn(ref));
  }

  loadingOf(key: string): Loading {
    return this.sources.loading(key);
  }

  retryLoading(): void {
    this.sources.retry();
  }

  // ---- tools and labels

  /** Give a tool the left button; a stroke that is under way is drawn to its end first. */
  selectTool(tool: ToolName): void {
    if (this.labelmap) this.labelmap.betweenStrokes(() => this.tools.select(tool));
    else this.tools.select(tool);
  }

  setLabelVisible(value: number, visible: boolean): void {
    if (visible) this.hidden.delete(value);
    else this.hidden.add(value);
    this.mask.setVisible(this.maskedViewports, value, visible);
  }

  /** colour: #rrggbb */
  setLabelColour(value: number, colour: string): void {
    this.mask.setColour(this.maskedViewports, value, colour);
  }

  /** Stop everything and free the memory of the case. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.pictures.stop();
    this.resizing.disconnect();
    for (const { id } of this.shownPanes) this.unlisten(id);
    this.showing.destroy();
    this.tools.destroy();
    this.lookTools.destroy();
    this.drawing.destroy();
    this.panes.destroy();
    this.labelmap?.destroy();
    this.sources.destroy();
    this.blocks.stop();
  }

  private planeOf(ref: PaneRef): PlaneName {
    return isPaneId(ref) ? (this.showing.spec(ref)?.plane ?? this.mainPlane) : ref;
  }

  private idOf(ref: PaneRef): PaneId | undefined {
    if (!isPaneId(ref)) return this.panes.idOf(ref);
    return this.panes.has(ref) ? ref : undefined;
  }

  private shownId(ref: PaneRef): PaneId {
    const id = this.idOf(ref);
    if (!id) throw new RangeError(`no pane shows ${ref}`);
    return id;
  }

  /** Viewports that show the mask. A projection shows none: what is drawn lies on slices. */
  private get maskedViewports(): string[] {
    return this.shownPanes.flatMap(({ id, projection }) =>
      projection === null && this.panes.has(id) ? [this.panes.viewportId(id)] : [],
    );
  }

  /** cornerstone draws again with every fiftieth of a volume; the slice that is looked at shows when it comes. */
  private lookAt(slice: number): void {
    this.sources.focus(slice);
    for (const key of new Set(this.shownPanes.map(({ id }) => this.showing.keyIn(id)))) {
      if (this.sources.isReady(key, slice)) continue;
      void this.sources.ready(key, slice).then(() => {
        if (!this.destroyed) this.panes.render();
      });
    }
  }

  private furnish(spec: PaneSpec, element: HTMLDivElement): void {
    const viewportId = this.panes.viewportId(spec.id);
    if (spec.projection === null) {
      this.tools.attach(viewportId);
      this.mask.showIn(viewportId);
      for (const value of this.hidden) this.mask.setVisible([viewportId], value, false);
      const { grid, planes, panes, showing, sources } = this;
      this.drawing.attach(spec.id, drawPane({ grid, planes, panes, showing, sources }, spec, element));
    } else this.lookTools.attach(viewportId);
    this.listening.set(spec.id, this.listenTo(spec, element));
    element.addEventListener(Enums.Events.IMAGE_RENDERED, this.whenDrawn);
    this.resizing.observe(element);
  }

  private clear(id: PaneId): void {
    this.unlisten(id);
    this.drawing.detach(id);
    const viewportId = this.panes.viewportId(id);
    this.tools.detach(viewportId);
    this.lookTools.detach(viewportId);
  }

  private unlisten(id: PaneId): void {
    const element = this.elements[id];
    this.listening.get(id)?.();
    this.listening.delete(id);
    element.removeEventListener(Enums.Events.IMAGE_RENDERED, this.whenDrawn);
    this.resizing.unobserve(element);
  }

  private readonly whenDrawn = (event: Event): void => {
    const id = this.panes.idAt(event.currentTarget);
    if (id) this.drawing.refresh(id);
    this.events.onDrawn();
  };

  private listenTo(spec: PaneSpec, element: HTMLDivElement): () => void {
    const { id } = spec;
    const goes = (): boolean => spec.projection !== null || this.tools.selected === 'crosshair';
    const stops = [
      goByPress(element, goes, (x, y) => {
        const zyx = this.voxelUnder(id, x, y);
        if (zyx) this.goTo(zyx);
      }),
      listen(element, {
        onScroll: (_, steps) => this.setSlice(id, this.slice(id) + steps),
        onResize: (_, steps) => this.events.onBrushStep(steps),
        onZoom: (_, steps) => this.zoomBy(id, ZOOM_STEP ** steps),
        onWindowDrag: (dx, dy) => this.windowing.drag(this.showing.keyIn(id), dx, dy),
        onHover: (_, point, event) => this.hover(id, point, event),
        leftDragsWindow: () => spec.projection === null && this.tools.selected === 'window',
      }),
    ];
    return () => stops.forEach((stop) => stop());
  }

  private hover(id: PaneId, point: [number, number] | null, event: PointerEvent): void {
    const spec = this.showing.spec(id);
    if (!spec) return;
    if (point) this.refer(this.showing.keyIn(id));
    this.events.onHover(spec, point && this.voxelUnder(id, ...point), event);
  }

  /** Tools that read intensities look at the source that is under the pointer. */
  private refer(key: string): void {
    const volumeId = this.sources.volumeId(key);
    if (volumeId) this.labelmap?.refersTo(volumeId);
  }

  private tellLoading(): void {
    if (this.destroyed) return;
    const { fraction, failed } = this.sources.loading(this.chosen);
    if (fraction === 1) performance.mark(WHOLE_PHASE);
    const others = this.shownPanes.map(({ id }) => this.sources.loading(this.showing.keyIn(id)));
    this.events.onLoading({ fraction, failed: failed || others.some((loading) => loading.failed) });
  }
}

function markFirstSlice(): void {
  performance.mark(FIRST_SLICE);
}
