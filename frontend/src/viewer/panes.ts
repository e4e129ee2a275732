/** The panes in which a case is drawn: cornerstone's viewports, one plane each, all on one grid. */
import { Enums, eventTarget, type PlanarViewport, RenderingEngine, type Types } from '@cornerstonejs/core';

import { at, type Grid, positionWords, toIndex, toLps, type Vec3, voxelAt } from './grid';
import type { PaneId, Projection } from './paneSpec';
import { type Plane, type PlaneName, sliceCount } from './planes';
import { swapVolume } from './swap';
import type { WindowRange } from './windows';

/** With the generic-viewport flag cornerstone serves its volume viewports by this class, old calls included. */
export type PaneViewport = Types.IVolumeViewport &
  Pick<
    PlanarViewport,
    'setViewState' | 'getViewState' | 'resize' | 'getSourceDataId' | 'setDisplaySetPresentation'
  >;

/** What a viewport is asked to draw; the window in stored values. */
export interface Picture {
  volumeId: string;
  window: WindowRange;
}

interface ShownPane {
  element: HTMLDivElement;
  plane: PlaneName;
  volumeId: string;
  /** Slice of a pane that scrolls by itself, null while it goes with the others. */
  ownSlice: number | null;
}

/** Slices arrive one by one; drawing each of them would keep them waiting. */
const ARRIVED_AFTER_MS = 120;
const { IMAGE_VOLUME_MODIFIED } = Enums.Events;

export class Panes {
  private readonly engine: RenderingEngine;
  private readonly shown = new Map<PaneId, ShownPane>();
  /** Voxel (z, y, x) through which all panes go. */
  private centre: Vec3;
  private arriving: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly key: string,
    private readonly grid: Grid,
    private readonly planes: Record<PlaneName, Plane>,
  ) {
    this.engine = new RenderingEngine(`${key}/engine`);
    this.centre = grid.shapeZyx.map((n) => Math.floor(n / 2)) as Vec3;
    eventTarget.addEventListener(IMAGE_VOLUME_MODIFIED, this.whenArrived);
  }

  get engineId(): string {
    return this.engine.id;
  }

  get ids(): PaneId[] {
    return [...this.shown.keys()];
  }

  viewportId(id: PaneId): string {
    return `${this.key}/${id}`;
  }

  viewport(id: PaneId): PaneViewport {
    return this.engine.getViewport<PaneViewport>(this.viewportId(id));
  }

  has(id: PaneId): boolean {
    return this.shown.has(id);
  }

  element(id: PaneId): HTMLDivElement | undefined {
    return this.shown.get(id)?.element;
  }

  /** The pane whose element holds a node. */
  idAt(node: EventTarget | null): PaneId | undefined {
    return this.ids.find((id) => node instanceof Node && this.shown.get(id)?.element.contains(node));
  }

  /** The first pane of a plane. */
  idOf(plane: PlaneName): PaneId | undefined {
    return this.ids.find((id) => this.shown.get(id)?.plane === plane);
  }

  planeOf(id: PaneId): PlaneName {
    const pane = this.shown.get(id);
    if (!pane) throw new RangeError(`the pane ${id} is not shown`);
    return pane.plane;
  }

  /** Show a plane in an element, on the slice where the others are. */
  async add(id: PaneId, plane: PlaneName, element: HTMLDivElement, picture: Picture): Promise<void> {
    const { normal, up } = this.planes[plane];
    this.engine.enableElement({
      viewportId: this.viewportId(id),
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: {
        orientation: { viewPlaneNormal: [...normal], viewUp: [...up] },
        background: [0, 0, 0],
      },
    });
    this.shown.set(id, { element, plane, volumeId: picture.volumeId, ownSlice: null });
    await this.viewport(id).setVolumes([{ volumeId: picture.volumeId }]);
    this.setWindow(id, picture.window);
    this.place(id);
  }

  remove(id: PaneId): void {
    this.engine.disableElement(this.viewportId(id));
    this.shown.delete(id);
  }

  /** Another volume of the same grid; camera and slice stay. True when the mask has to be drawn anew. */
  async swap(id: PaneId, { volumeId, window }: Picture): Promise<boolean> {
    const pane = this.shown.get(id);
    if (!pane) return false;
    const viewport = this.viewport(id);
    const swapped = pane.volumeId === volumeId || swapVolume(this.engine, viewport, volumeId);
    if (!swapped) await this.setUpAnew(viewport, volumeId);
    pane.volumeId = volumeId;
    this.setWindow(id, window);
    viewport.render();
    this.renderSoon(); // the pane that first draws a texture fills it, and draws nothing of it yet
    return !swapped;
  }

  /** Draw the brightest value along a slab; null: the whole volume. */
  project(id: PaneId, { slabMm }: Projection): void {
    const viewport = this.viewport(id);
    const data = viewport.getSourceDataId();
    if (data === undefined) return;
    const blendMode = Enums.BlendModes.MAXIMUM_INTENSITY_BLEND;
    viewport.setBlendMode(blendMode);
    viewport.setDisplaySetPresentation(data, { blendMode, slabThickness: slabMm ?? this.wholeMm });
    viewport.render();
  }

  // ---- places

  /** The slice of a plane on which panes agree. */
  sliceOf(plane: PlaneName): number {
    return at(this.centre, this.planes[plane].axis);
  }

  /** The slice that a pane shows. */
  sliceIn(id: PaneId): number {
    return this.shown.get(id)?.ownSlice ?? this.sliceOf(this.planeOf(id));
  }

  slicesOf(plane: PlaneName): number {
    return sliceCount(this.grid, this.planes[plane]);
  }

  /** Go to a slice of one plane. Returns whether that is another one than before. */
  setSlice(plane: PlaneName, slice: number): boolean {
    const { axis } = this.planes[plane];
    const bounded = this.bounded(plane, slice);
    if (at(this.centre, axis) === bounded) return false;
    this.centre[axis] = bounded;
    for (const id of this.ids) {
      const pane = this.shown.get(id);
      if (pane?.plane === plane && pane.ownSlice === null) this.place(id);
    }
    return true;
  }

  /** Let one pane go to a slice by itself. Returns whether that is another one than before. */
  setOwnSlice(id: PaneId, slice: number): boolean {
    const pane = this.shown.get(id);
    if (!pane) return false;
    const bounded = this.bounded(pane.plane, slice);
    const moved = this.sliceIn(id) !== bounded;
    pane.ownSlice = bounded;
    if (moved) this.place(id);
    return moved;
  }

  /** Take a pane back to the slice of the others. */
  follow(id: PaneId): void {
    const pane = this.shown.get(id);
    if (!pane || pane.ownSlice === null) return;
    pane.ownSlice = null;
    this.place(id);
  }

  /** Where a slice of a plane lies along the patient's axis nearest to the plane's: `H 12.0 mm`. */
  position(plane: PlaneName, slice: number): string {
    const { axis } = this.planes[plane];
    const there: Vec3 = [...this.centre];
    there[axis] = slice;
    return positionWords(this.grid, axis, there);
  }

  /** Voxel under a point of a pane, in CSS pixels from its corner, or null outside the volume. */
  voxelUnder(id: PaneId, x: number, y: number): Vec3 | null {
    const voxel = voxelAt(this.grid, this.viewport(id).canvasToWorld([x, y]));
    if (voxel) voxel[this.planes[this.planeOf(id)].axis] = this.sliceIn(id);
    return voxel;
  }

  /** Where the middle of a voxel is drawn, in CSS pixels from the pane's corner. */
  canvasPoint(id: PaneId, zyx: Readonly<Vec3>): [number, number] {
    return this.viewport(id).worldToCanvas(toLps(this.grid, zyx));
  }

  /** CSS pixels per mm in a pane. */
  pixelsPerMm(id: PaneId): number {
    const { right } = this.planes[this.planeOf(id)];
    const from = toLps(this.grid, this.centre);
    const to = from.map((mm, i) => mm + at(right, i) * 10) as Vec3;
    const [a, b] = [from, to].map((p) => this.viewport(id).worldToCanvas(p));
    return Math.hypot((b?.[0] ?? 0) - (a?.[0] ?? 0), (b?.[1] ?? 0) - (a?.[1] ?? 0)) / 10;
  }

  /** True when the pane's picture really is the slice that it is said to be. */
  isPlaced(id: PaneId): boolean {
    const { axis } = this.planes[this.planeOf(id)];
    const { focalPoint } = this.viewport(id).getCamera();
    if (!focalPoint) return false;
    return Math.abs(this.sliceIn(id) - toIndex(this.grid, focalPoint)[axis]) < 0.5;
  }

  // ---- cameras

  zoomBy(id: PaneId, factor: number): void {
    const viewport = this.viewport(id);
    viewport.setZoom(Math.min(Math.max(viewport.getZoom() * factor, 0.3), 30));
    viewport.render();
  }

  /** Give panes the part of the picture that another one shows. */
  copyCamera(from: PaneId, to: readonly PaneId[]): void {
    const part = partShown(this.viewport(from));
    const same = JSON.stringify(part);
    for (const id of to) {
      if (JSON.stringify(partShown(this.viewport(id))) === same) continue;
      this.viewport(id).setViewState(part);
      this.place(id);
    }
  }

  resetCameras(): void {
    for (const id of this.ids) {
      this.viewport(id).resetCamera();
      this.place(id);
    }
    this.render();
  }

  /** low and high in stored values. */
  setWindow(id: PaneId, { low, high }: WindowRange): void {
    this.viewport(id).setProperties({ voiRange: { lower: low, upper: high } });
  }

  render(): void {
    this.engine.renderViewports(this.ids.map((id) => this.viewportId(id)));
  }

  /**
   * Fit the pictures to their elements. The engine skips its viewports while a frame is pending, and then they go on
   * to answer for places as if they had the old size; so each is told by itself.
   */
  resize(): void {
    this.engine.resize(true, false);
    for (const id of this.ids) this.viewport(id).resize();
    this.render();
  }

  destroy(): void {
    clearTimeout(this.arriving);
    eventTarget.removeEventListener(IMAGE_VOLUME_MODIFIED, this.whenArrived);
    this.engine.destroy();
    this.shown.clear();
  }

  /** cornerstone draws again what it has set up itself, but not a volume that took the place of another. */
  private readonly whenArrived = (event: Event): void => {
    const { volumeId } = (event as CustomEvent<{ volumeId: string }>).detail;
    if ([...this.shown.values()].some((pane) => pane.volumeId === volumeId)) this.renderSoon();
  };

  private renderSoon(): void {
    this.arriving ??= setTimeout(() => {
      this.arriving = undefined;
      this.render();
    }, ARRIVED_AFTER_MS);
  }

  private async setUpAnew(viewport: PaneViewport, volumeId: string): Promise<void> {
    const presentation = viewport.getViewPresentation();
    const reference = viewport.getViewReference();
    await viewport.setVolumes([{ volumeId }]);
    delete reference.volumeId;
    delete reference.dataId;
    viewport.setViewReference(reference);
    viewport.setViewPresentation(presentation);
  }

  private bounded(plane: PlaneName, slice: number): number {
    return Math.min(Math.max(Math.round(slice), 0), this.slicesOf(plane) - 1);
  }

  /** Length in mm of the longest line through the volume. */
  private get wholeMm(): number {
    return 2 * Math.hypot(...this.grid.shapeZyx.map((n, axis) => n * at(this.grid.spacingZyxMm, axis)));
  }

  private centreOf(id: PaneId): Vec3 {
    const centre: Vec3 = [...this.centre];
    centre[this.planes[this.planeOf(id)].axis] = this.sliceIn(id);
    return centre;
  }

  /** Viewport indices run either way along a plane, so the slice is set by its position in the patient. */
  private place(id: PaneId): void {
    const sliceWorldPoint = toLps(this.grid, this.centreOf(id));
    this.viewport(id).setViewState({ slice: { kind: 'volumePoint', sliceWorldPoint } });
    this.viewport(id).render();
  }
}

/** What of its plane a viewport shows: where it is fixed, and how large it is drawn. */
function partShown(viewport: PaneViewport): object {
  const { anchorWorld, anchorCanvas, scale, scaleMode } = viewport.getViewState();
  return { anchorWorld, anchorCanvas, scale, scaleMode };
}
