/** What is looked at: panes, phases, slices, windows, and where the pointer is. */
import { at, phaseKey, type Links, type PaneId, type PaneRef, type PaneSpec, type Vec3 } from '../viewer';
import type { WindowPreset, WindowRange } from '../viewer';
import type { DeskState } from './deskState';
import { type Layout, nextLayout, panesOf } from './layouts';
import type { DeskBase } from './parts';
import { writePreferences } from './preferences';

export class Looking {
  constructor(private readonly desk: DeskBase) {}

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  // ---- panes

  async setLayout(layout: Layout): Promise<void> {
    const phases = this.desk.volume.phases.map(({ index }) => index);
    const panes = panesOf(layout, { mainPlane: this.desk.viewer.mainPlane, phases });
    this.desk.store.setState({ layout, panes, largest: null });
    writePreferences({ layout });
    await this.showPanes();
  }

  stepLayout(): Promise<void> {
    return this.setLayout(nextLayout(this.state.layout));
  }

  /** Another plane, source or projection in a pane. */
  async changePane(id: PaneId, change: Partial<Omit<PaneSpec, 'id'>>): Promise<void> {
    const panes = this.state.panes.map((pane) => (pane.id === id ? { ...pane, ...change } : pane));
    this.desk.store.setState({ panes });
    await this.showPanes();
  }

  /** Show the panes whose source is there; the others wait for theirs. */
  async showPanes(): Promise<void> {
    const { viewer } = this.desk;
    await viewer.setPanes(
      this.state.panes.filter(({ source }) => source === null || viewer.hasSource(source)),
    );
    this.tellLooked();
  }

  /** Give a pane the stage, or all of them their places again. */
  toggleLargest(id: PaneId): void {
    const alone = this.state.panes.length === 1;
    this.desk.store.setState({ largest: this.state.largest === id || alone ? null : id });
  }

  setLinks(change: Partial<Links>): void {
    this.desk.viewer.setLinks({ ...this.desk.viewer.links, ...change });
    this.desk.store.setState({ links: this.desk.viewer.links });
  }

  toggleLines(): void {
    const lines = !this.state.lines;
    this.desk.store.setState({ lines });
    writePreferences({ lines });
  }

  // ---- phases and windows

  async setPhase(index: number): Promise<void> {
    if (!this.desk.volume.phases.some((phase) => phase.index === index)) return;
    this.desk.store.setState({ phase: index });
    await this.desk.viewer.choose(phaseKey(index));
  }

  /** The next or the previous phase, round and round. */
  async stepPhase(steps: number): Promise<void> {
    const indices = this.desk.volume.phases.map(({ index }) => index);
    const now = indices.indexOf(this.state.phase);
    await this.setPhase(indices[(now + steps + indices.length) % indices.length] ?? 0);
  }

  /** Source of the pane that windows are set for: the largest, or the first. */
  get windowedSource(): string {
    return this.desk.viewer.sourceIn(this.state.largest ?? 'a');
  }

  setWindow(window: WindowRange, source = this.windowedSource): void {
    this.desk.viewer.windowing.set(source, window);
  }

  /** A window for what every pane shows. */
  presetWindow(preset: WindowPreset): void {
    const { viewer } = this.desk;
    const keys = viewer.shownPanes.map(({ id }) => viewer.sourceIn(id));
    const first = this.windowedSource;
    // Phases may share one window, which then is that of the first of them.
    for (const key of new Set([...keys.filter((other) => other !== first).reverse(), first])) {
      viewer.windowing.preset(key, preset);
    }
  }

  setSteadyWindow(steady: boolean): void {
    this.desk.viewer.windowing.setSteady(steady, this.desk.viewer.chosen);
    this.desk.store.setState({ steadyWindow: steady });
  }

  // ---- slices

  setSlice(slice: number, ref: PaneRef = this.desk.viewer.mainPlane): void {
    this.desk.viewer.setSlice(ref, slice);
  }

  stepSlice(steps: number): void {
    this.setSlice(this.desk.viewer.slice(this.desk.viewer.mainPlane) + steps);
  }

  /** Take all planes through a voxel; coordinates that are not given stay. */
  goTo(z: number, y: number | null = null, x: number | null = null): void {
    this.desk.viewer.goTo([z, y ?? this.sliceAlong(1), x ?? this.sliceAlong(2)]);
  }

  /** Tell the page that a slice or a window may be another one. */
  tellLooked(): void {
    const { viewer } = this.desk;
    this.desk.store.setState(({ looked }) => ({
      slices: {
        axial: viewer.slice('axial'),
        sagittal: viewer.slice('sagittal'),
        coronal: viewer.slice('coronal'),
      },
      window: viewer.windowing.of(viewer.chosen),
      hover: null,
      looked: looked + 1,
    }));
  }

  hover(pane: PaneSpec, zyx: Vec3 | null, event: PointerEvent): void {
    if (!zyx || !this.state.ready) {
      if (this.state.hover !== null) this.desk.store.setState({ hover: null });
      return;
    }
    const { viewer } = this.desk;
    const [z, y, x] = zyx;
    const label = viewer.mask.slice(z)[y * viewer.grid.shapeZyx[2] + x] ?? 0;
    const value = viewer.value(zyx, viewer.sourceIn(pane.id));
    this.desk.store.setState({ hover: { pane: pane.id, plane: pane.plane, zyx, value, label } });
    if (event.shiftKey && event.buttons === 0) this.followPointer(pane, zyx);
  }

  /** With Shift held the other planes go through the pointer, as in 3D Slicer. */
  private followPointer({ plane }: PaneSpec, zyx: Vec3): void {
    for (const other of this.desk.viewer.shownPlanes) {
      if (other !== plane) this.setSlice(at(zyx, this.desk.viewer.planes[other].axis), other);
    }
  }

  private sliceAlong(axis: 0 | 1 | 2): number {
    const { planes } = this.desk.viewer;
    const plane = Object.values(planes).find((candidate) => candidate.axis === axis);
    return plane ? this.desk.viewer.slice(plane.name) : 0;
  }
}
