/** What is looked at: planes, phases, slices, and where the pointer is. */
import { at, type PlaneName, type Vec3 } from '../viewer';
import type { DeskState, Layout } from './deskState';
import type { DeskBase } from './parts';
import { writePreferences } from './preferences';

export class Looking {
  constructor(private readonly desk: DeskBase) {}

  private get state(): DeskState {
    return this.desk.store.getState();
  }

  async setLayout(layout: Layout): Promise<void> {
    this.desk.store.setState({ layout });
    writePreferences({ layout });
    await this.desk.viewer.setLayout(layout === 'three' ? ['axial', 'sagittal', 'coronal'] : []);
  }

  async setPhase(index: number): Promise<void> {
    if (!this.desk.volume.phases.some((phase) => phase.index === index)) return;
    this.desk.store.setState({ phase: index });
    await this.desk.viewer.setPhase(index);
  }

  /** The next or the previous phase, round and round. */
  async stepPhase(steps: number): Promise<void> {
    const indices = this.desk.volume.phases.map(({ index }) => index);
    const now = indices.indexOf(this.state.phase);
    await this.setPhase(indices[(now + steps + indices.length) % indices.length] ?? 0);
  }

  setSlice(slice: number, plane: PlaneName = this.desk.viewer.mainPlane): void {
    this.desk.viewer.setSlice(plane, slice);
  }

  stepSlice(steps: number): void {
    this.setSlice(this.desk.viewer.slice(this.desk.viewer.mainPlane) + steps);
  }

  /** Take all planes through a voxel; coordinates that are not given stay. */
  goTo(z: number, y: number | null = null, x: number | null = null): void {
    this.desk.viewer.goTo([z, y ?? this.sliceAlong(1), x ?? this.sliceAlong(2)]);
  }

  tellSlice(plane: PlaneName): void {
    this.desk.store.setState(({ slices }) => ({
      slices: { ...slices, [plane]: this.desk.viewer.slice(plane) },
      hover: null,
    }));
  }

  hover(plane: PlaneName, zyx: Vec3 | null, event: PointerEvent): void {
    if (!zyx || !this.state.ready) {
      this.desk.store.setState({ hover: null });
      return;
    }
    const { viewer } = this.desk;
    const [z, y, x] = zyx;
    const label = viewer.mask.slice(z)[y * viewer.grid.shapeZyx[2] + x] ?? 0;
    this.desk.store.setState({ hover: { plane, zyx, value: viewer.value(zyx), label } });
    if (event.shiftKey && event.buttons === 0) this.followPointer(plane, zyx);
  }

  /** With Shift held the other planes go through the pointer, as in 3D Slicer. */
  private followPointer(plane: PlaneName, zyx: Vec3): void {
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
