/** The panes in which a volume is shown, one plane each. */
import { Enums, type PlanarViewport, RenderingEngine, type Types } from '@cornerstonejs/core';

import { at, type Grid, positionWords, toIndex, toLps, type Vec3, voxelAt } from './grid';
import { type Plane, type PlaneName, sliceCount } from './planes';

/** With the generic-viewport flag cornerstone serves its volume viewports by this class, old calls included. */
type PaneViewport = Types.IVolumeViewport & Pick<PlanarViewport, 'setViewState' | 'resize'>;

export interface WindowRange {
  low: number;
  high: number;
}

export class Panes {
  private readonly engine: RenderingEngine;
  private readonly shown = new Map<PlaneName, HTMLDivElement>();
  /** Voxel (z, y, x) through which all panes go. */
  private centre: Vec3;

  constructor(
    private readonly key: string,
    private readonly grid: Grid,
    private readonly planes: Record<PlaneName, Plane>,
  ) {
    this.engine = new RenderingEngine(`${key}/engine`);
    this.centre = grid.shapeZyx.map((n) => Math.floor(n / 2)) as Vec3;
  }

  get engineId(): string {
    return this.engine.id;
  }

  get names(): PlaneName[] {
    return [...this.shown.keys()];
  }

  get viewportIds(): string[] {
    return this.names.map((name) => this.viewportId(name));
  }

  viewportId(name: PlaneName): string {
    return `${this.key}/${name}`;
  }

  viewport(name: PlaneName): PaneViewport {
    return this.engine.getViewport<PaneViewport>(this.viewportId(name));
  }

  element(name: PlaneName): HTMLDivElement | undefined {
    return this.shown.get(name);
  }

  /** The pane whose element holds a node. */
  nameAt(node: EventTarget | null): PlaneName | undefined {
    return this.names.find((name) => node instanceof Node && this.shown.get(name)?.contains(node));
  }

  /** Show a plane in an element, on the slice where the others are. */
  async add(name: PlaneName, element: HTMLDivElement, volumeId: string, window: WindowRange): Promise<void> {
    const { normal, up } = this.planes[name];
    this.engine.enableElement({
      viewportId: this.viewportId(name),
      type: Enums.ViewportType.ORTHOGRAPHIC,
      element,
      defaultOptions: {
        orientation: { viewPlaneNormal: [...normal], viewUp: [...up] },
        background: [0, 0, 0],
      },
    });
    this.shown.set(name, element);
    await this.viewport(name).setVolumes([{ volumeId }]);
    this.setWindowOf(name, window);
    this.place(name);
  }

  remove(name: PlaneName): void {
    this.engine.disableElement(this.viewportId(name));
    this.shown.delete(name);
  }

  /** Another volume of the same grid in all panes; camera and slice stay. */
  async swap(volumeId: string, window: WindowRange): Promise<void> {
    for (const name of this.names) {
      const viewport = this.viewport(name);
      const presentation = viewport.getViewPresentation();
      const reference = viewport.getViewReference();
      await viewport.setVolumes([{ volumeId }]);
      this.setWindowOf(name, window);
      delete reference.volumeId;
      delete reference.dataId;
      viewport.setViewReference(reference);
      viewport.setViewPresentation(presentation);
    }
  }

  sliceOf(name: PlaneName): number {
    return at(this.centre, this.planes[name].axis);
  }

  slicesOf(name: PlaneName): number {
    return sliceCount(this.grid, this.planes[name]);
  }

  /** Go to a slice of one plane. Returns whether that is another one than before. */
  setSlice(name: PlaneName, slice: number): boolean {
    const { axis } = this.planes[name];
    const bounded = Math.min(Math.max(Math.round(slice), 0), at(this.grid.shapeZyx, axis) - 1);
    if (at(this.centre, axis) === bounded) return false;
    this.centre[axis] = bounded;
    if (this.shown.has(name)) this.place(name);
    return true;
  }

  /** Where the slice shown, or another, lies along the patient's axis nearest to its plane's: `H 12.0 mm`. */
  position(name: PlaneName, slice = this.sliceOf(name)): string {
    const { axis } = this.planes[name];
    const there: Vec3 = [...this.centre];
    there[axis] = slice;
    return positionWords(this.grid, axis, there);
  }

  setWindow(window: WindowRange): void {
    for (const name of this.names) this.setWindowOf(name, window);
    this.render();
  }

  zoomBy(name: PlaneName, factor: number): void {
    const viewport = this.viewport(name);
    viewport.setZoom(Math.min(Math.max(viewport.getZoom() * factor, 0.3), 30));
    viewport.render();
  }

  resetCameras(): void {
    for (const name of this.names) {
      this.viewport(name).resetCamera();
      this.place(name);
    }
    this.render();
  }

  /** Voxel under a point of a pane, in CSS pixels from its corner, or null outside the volume. */
  voxelUnder(name: PlaneName, x: number, y: number): Vec3 | null {
    const voxel = voxelAt(this.grid, this.viewport(name).canvasToWorld([x, y]));
    if (voxel) voxel[this.planes[name].axis] = this.sliceOf(name);
    return voxel;
  }

  /** Where the middle of a voxel is drawn, in CSS pixels from the pane's corner. */
  canvasPoint(name: PlaneName, zyx: Readonly<Vec3>): [number, number] {
    return this.viewport(name).worldToCanvas(toLps(this.grid, zyx));
  }

  /** CSS pixels per mm in a pane. */
  pixelsPerMm(name: PlaneName): number {
    const { right } = this.planes[name];
    const from = toLps(this.grid, this.centre);
    const to = from.map((mm, i) => mm + at(right, i) * 10) as Vec3;
    const [a, b] = [from, to].map((p) => this.viewport(name).worldToCanvas(p));
    return Math.hypot((b?.[0] ?? 0) - (a?.[0] ?? 0), (b?.[1] ?? 0) - (a?.[1] ?? 0)) / 10;
  }

  /** True when the pane's picture really is the slice that it is said to be. */
  isPlaced(name: PlaneName): boolean {
    const { axis } = this.planes[name];
    const { focalPoint } = this.viewport(name).getCamera();
    if (!focalPoint) return false;
    const wanted = toIndex(this.grid, toLps(this.grid, this.centre))[axis];
    const shown = toIndex(this.grid, focalPoint)[axis];
    return Math.abs(wanted - shown) < 0.5;
  }

  render(): void {
    this.engine.renderViewports(this.viewportIds);
  }

  /**
   * Fit the pictures to their elements. The engine skips its viewports while a frame is pending, and then they go on
   * to answer for places as if they had the old size; so each is told by itself.
   */
  resize(): void {
    this.engine.resize(true, false);
    for (const name of this.names) this.viewport(name).resize();
    this.render();
  }

  destroy(): void {
    this.engine.destroy();
    this.shown.clear();
  }

  /** Viewport indices run either way along a plane, so the slice is set by its position in the patient. */
  private place(name: PlaneName): void {
    const sliceWorldPoint = toLps(this.grid, this.centre);
    this.viewport(name).setViewState({ slice: { kind: 'volumePoint', sliceWorldPoint } });
    this.viewport(name).render();
  }

  private setWindowOf(name: PlaneName, { low, high }: WindowRange): void {
    this.viewport(name).setProperties({ voiRange: { lower: low, upper: high } });
  }
}
