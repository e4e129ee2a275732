/** Operations on labels of many voxels: what is asked, worked out in another thread, shown, accepted or left. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { type Box3, CancelledError, CannotDoError, OperationsDesk } from '../../viewer';
import type { Axis, Operation, Outcome, PaintRules, PaneSpec, PlaneName, Vec3 } from '../../viewer';
import type { DeskState } from '../deskState';
import { rulesOf } from '../drawing/options';
import type { Edits } from '../edits';
import type { DeskBase } from '../parts';
import { boxAround, intensitiesOf, slabAround, slicesBetween, within } from './boxes';
import { watchClicks } from './picking';
import { type Effect, FIRST_SETTINGS, type Settings } from './settings';
import { changeInWords } from './words';

export type Picking = 'fill' | 'grow' | 'island';

export interface Preview {
  /** Title of the step that accepting makes: `Smooth lesion`. */
  title: string;
  /** What changes, in words. */
  words: string;
  outcome: Outcome;
}

export interface OperationsState {
  settings: Settings;
  /** What a click into a pane is for. */
  picking: Picking | null;
  /** What is worked on, and the share that is done. */
  busy: { title: string; fraction: number } | null;
  preview: Preview | null;
  /** What was done last, or why nothing could be. */
  told: { good: boolean; words: string } | null;
  /** The plane that was looked at last, whose slice is meant by `this slice`. */
  plane: PlaneName;
}

/** What is worked on: the voxels, and how they are called afterwards. */
interface Job {
  title: string;
  box: Box3;
  operation: Operation;
  intensities?: () => Promise<Float32Array<ArrayBuffer> | null>;
  /** Do it at once, without showing it first. */
  atOnce?: boolean;
}

interface Growing {
  pane: PaneSpec;
  zyx: Vec3;
  /** Standard deviations around the mean of the clicked spot. */
  width: number;
}

const WIDTH = 2.5;
const WIDTH_STEP = 1.15;

export class Operations {
  readonly store: StoreApi<OperationsState>;
  private readonly worker = new OperationsDesk();
  private readonly stops: (() => void)[] = [];
  private stopClicks: (() => void) | null = null;
  private growing: Growing | null = null;
  private applying = false;

  constructor(private readonly desk: DeskBase & { readonly edits: Edits }) {
    this.store = createStore<OperationsState>(() => ({
      settings: FIRST_SETTINGS,
      picking: null,
      busy: null,
      preview: null,
      told: null,
      plane: desk.viewer.mainPlane,
    }));
    this.stops.push(
      desk.edits.onTouched(() => this.applying || this.cancel()),
      desk.store.subscribe((now, before) => this.follow(now, before)),
    );
  }

  get state(): OperationsState {
    return this.store.getState();
  }

  set(settings: Partial<Settings>): void {
    this.store.setState((state) => ({ settings: { ...state.settings, ...settings } }));
  }

  // ---- what can be asked

  /** Wait for a click that says where; the same again stops waiting. */
  pick(picking: Picking): void {
    const stop = this.state.picking === picking;
    this.stopPicking();
    this.cancel();
    if (stop || !this.editable) return;
    this.store.setState({ picking, told: null });
    this.stopClicks = watchClicks(this.desk.viewer, (pane, zyx) => this.picked(pane, zyx));
  }

  /** Take an operation to hand; those that need a click wait for it, unless this is only to see its options. */
  choose(effect: Effect, start = true): void {
    this.set({ effect });
    if (start && (effect === 'fill' || effect === 'grow')) this.pick(effect);
  }

  smooth(): void {
    const { smoothing: method, smoothingMm: mm } = this.state.settings;
    this.onLabel(`Smooth ${this.labelName()}`, { kind: 'smooth', label: this.label, method, mm }, 4 * mm);
  }

  /** mm: grows the label where positive, shrinks it where negative. */
  margin(mm: number): void {
    const title = `${mm > 0 ? 'Grow' : 'Shrink'} ${this.labelName()} by ${Math.abs(mm)} mm`;
    this.onLabel(title, { kind: 'margin', label: this.label, mm }, Math.abs(mm));
  }

  islands(): void {
    const { islands, connectivity, leastMm3 } = this.state.settings;
    const by = { label: this.label, connectivity };
    if (islands === 'pick') return this.pick('island');
    const operation: Operation =
      islands === 'largest' ? { kind: 'largest-island', ...by } : { kind: 'small-islands', ...by, leastMm3 };
    const title = islands === 'largest' ? 'Keep largest island of' : 'Remove small islands of';
    this.onLabel(`${title} ${this.labelName()}`, operation, 0);
  }

  holes(): void {
    const { scope, holes } = this.state.settings;
    const axis = scope === 'volume' && holes === 'slices' ? this.axis : null;
    this.onLabel(`Fill holes of ${this.labelName()}`, { kind: 'holes', label: this.label, axis }, 0);
  }

  interpolate(): void {
    const operation: Operation = { kind: 'interpolate', label: this.label, axis: this.axis };
    this.onLabel(`Fill between slices of ${this.labelName()}`, operation, 0, 'volume');
  }

  /** Put this slice on the next (1) or the previous (-1) one of the plane, at once, and go there. */
  copy(step: 1 | -1): void {
    const { viewer } = this.desk;
    const { plane, settings } = this.state;
    const from = viewer.slice(plane);
    const to = from + step;
    if (to < 0 || to >= viewer.sliceCount(plane))
      return this.tell(false, 'There is no slice beyond this one.');
    const box = slicesBetween(viewer.grid, this.axis, from, to);
    const [source, target] = step > 0 ? [0, 1] : [1, 0];
    const label = settings.copyAll ? null : this.label;
    const operation: Operation = { kind: 'copy', label, axis: this.axis, from: source, to: target };
    const what = settings.copyAll ? 'all labels' : this.labelName();
    void this.run({ title: `Copy ${what} to slice ${to + 1}`, box, operation, atOnce: true }).then(
      (done) => done && viewer.setSlice(plane, to),
    );
  }

  combine(): void {
    const { operator, other, combineMm: mm } = this.state.settings;
    if (other === null) return this.tell(false, 'Choose the other label first.');
    const { label } = this;
    const operation: Operation = { kind: 'boolean', operator, label, other, mm, into: label };
    const verb = { union: 'Unite', subtract: 'Subtract', intersect: 'Intersect' }[operator];
    this.onLabel(`${verb} ${this.labelName()} and ${this.labelName(other)}`, operation, mm, undefined, [
      other,
    ]);
  }

  move(): void {
    const { other } = this.state.settings;
    if (other === null) return this.tell(false, 'Choose the other label first.');
    const operation: Operation = { kind: 'move', label: this.label, into: other };
    this.onLabel(`Move ${this.labelName()} to ${this.labelName(other)}`, operation, 0);
  }

  swap(): void {
    const { other } = this.state.settings;
    if (other === null) return this.tell(false, 'Choose the other label first.');
    const operation: Operation = { kind: 'swap', label: this.label, other };
    this.onLabel(`Swap ${this.labelName()} and ${this.labelName(other)}`, operation, 0, undefined, [other]);
  }

  clear(): void {
    this.onLabel(`Clear ${this.labelName()}`, { kind: 'clear', label: this.label }, 0);
  }

  // ---- what becomes of it

  /** Make the preview a step of the history. */
  accept(): void {
    const { preview } = this.state;
    if (!preview) return;
    this.growing = null;
    this.store.setState({ preview: null });
    this.apply(preview);
  }

  /** Leave the mask as it is: forget the preview, and what is under way. */
  cancel(): void {
    this.growing = null;
    this.worker.cancel();
    this.store.setState({ preview: null, busy: null });
  }

  /** One step back, as Escape does: the preview, else the wait for a click. Whether there was one. */
  escape(): boolean {
    const { preview, busy, picking } = this.state;
    if (preview || busy) this.cancel();
    else if (picking) this.stopPicking();
    return preview !== null || busy !== null || picking !== null;
  }

  /** Make the range of a region that is shown wider (1) or narrower (-1). Whether one is. */
  step(steps: number): boolean {
    if (!this.growing) return false;
    this.growing = { ...this.growing, width: this.growing.width * WIDTH_STEP ** steps };
    void this.grow(this.growing);
    return true;
  }

  destroy(): void {
    this.stopPicking();
    for (const stop of this.stops) stop();
    this.worker.destroy();
  }

  // ---- inside

  private get label(): number {
    return this.desk.store.getState().label;
  }

  private get editable(): boolean {
    return this.desk.store.getState().editable;
  }

  private get axis(): Axis {
    return this.desk.viewer.planes[this.state.plane].axis;
  }

  private labelName(label = this.label): string {
    return this.desk.labels.find(({ value }) => value === label)?.name ?? `label ${label}`;
  }

  /** Work on a label where it is, in the scope that is chosen. */
  private onLabel(
    title: string,
    operation: Operation,
    marginMm: number,
    scope = this.state.settings.scope,
    others: readonly number[] = [],
  ): void {
    const { viewer, edits } = this.desk;
    const { plane } = this.state;
    if (scope === 'slice') {
      const slice = viewer.slice(plane);
      void this.run({ title, box: slicesBetween(viewer.grid, this.axis, slice, slice), operation });
      return;
    }
    const extent = edits.extentOf([this.label, ...others]);
    if (extent) void this.run({ title, box: slabAround(viewer.grid, extent, marginMm), operation });
    else this.tell(false, `There is no ${this.labelName()} yet.`);
  }

  private picked(pane: PaneSpec, zyx: Vec3): void {
    const { viewer } = this.desk;
    const { picking, settings } = this.state;
    this.store.setState({ plane: pane.plane });
    if (picking === 'grow') {
      void this.grow({ pane, zyx, width: this.growing?.width ?? WIDTH });
      return;
    }
    const { axis } = viewer.planes[pane.plane];
    const slice = slicesBetween(viewer.grid, axis, zyx[axis], zyx[axis]);
    if (picking === 'fill') {
      const operation: Operation = { kind: 'fill', label: this.label, seed: within(slice, zyx) };
      void this.run({ title: `Fill ${this.labelName()}`, box: slice, operation, atOnce: true });
      return;
    }
    const extent = this.desk.edits.extentOf([this.label]);
    const box = settings.scope === 'slice' ? slice : extent && slabAround(viewer.grid, extent, 0);
    const last = box ? box.start[0] + box.shape[0] : 0;
    if (!box || zyx[0] < box.start[0] || zyx[0] >= last) return this.tell(false, 'The label is not here.');
    const operation: Operation = {
      kind: 'picked-island',
      label: this.label,
      connectivity: settings.connectivity,
      seed: within(box, zyx),
    };
    this.stopPicking();
    void this.run({ title: `Keep one island of ${this.labelName()}`, box, operation });
  }

  private async grow(growing: Growing): Promise<void> {
    const { viewer } = this.desk;
    const { growMm: radiusMm, growOn } = this.state.settings;
    const { zyx, width, pane } = growing;
    const box = boxAround(viewer.grid, zyx, radiusMm);
    const seed = within(box, zyx);
    const key = viewer.sourceIn(pane.id);
    await this.run({
      title: `Grow ${this.labelName()}`,
      box,
      operation: { kind: 'grow', label: this.label, seed, width, radiusMm },
      intensities: () =>
        growOn === 'subtraction'
          ? this.enhancement(box)
          : Promise.resolve(intensitiesOf(viewer, box, (z) => viewer.pixels(key, z))),
    });
    if (this.state.preview) this.growing = growing;
  }

  /** How much more the shown phase, or the first after contrast, has than the one before contrast. */
  private async enhancement(box: Box3): Promise<Float32Array<ArrayBuffer> | null> {
    const { viewer } = this.desk;
    const late = viewer.phase > 0 ? viewer.phase : 1;
    const slices = Array.from({ length: box.shape[0] }, (_, z) => box.start[0] + z);
    const load = (phase: number) => Promise.all(slices.map((z) => viewer.storedSlice(phase, z)));
    const [after, before] = await Promise.all([load(late), load(0)]);
    const [a, b] = [after, before].map((loaded) =>
      intensitiesOf(viewer, box, (z) => loaded[z - box.start[0]] ?? null),
    );
    return a && b ? a.map((value, i) => value - (b[i] ?? 0)) : null;
  }

  /** Work something out and show it, or do it at once. Resolves to whether the mask was changed. */
  private async run({ title, box, operation, intensities, atOnce = false }: Job): Promise<boolean> {
    if (!this.editable) return false;
    this.worker.cancel();
    this.store.setState({ busy: { title, fraction: 0 }, told: null });
    try {
      const rules = this.rules();
      const block = {
        ...box,
        labels: this.desk.viewer.mask.copyBox(box),
        intensities: (await intensities?.()) ?? null,
        judged: this.judged(box, rules),
        spacingMm: this.desk.viewer.grid.spacingZyxMm,
      };
      const outcome = await this.worker.perform({ block, operation, rules }, (fraction) =>
        this.store.setState({ busy: { title, fraction } }),
      );
      return this.show({ title, words: changeInWords(outcome, this.names()), outcome }, atOnce);
    } catch (error) {
      if (error instanceof CancelledError) return false;
      this.store.setState({ busy: null, preview: null });
      if (!(error instanceof CannotDoError)) throw error;
      this.tell(false, error.message);
      return false;
    }
  }

  private show(preview: Preview, atOnce: boolean): boolean {
    this.store.setState({ busy: null });
    if (preview.outcome.box && !atOnce) {
      this.store.setState({ preview });
      return false;
    }
    this.store.setState({ preview: null });
    return this.apply(preview);
  }

  private apply({ title, words, outcome }: Preview): boolean {
    if (!outcome.box) {
      this.tell(false, `${title}: ${words}.`);
      return false;
    }
    this.applying = true;
    this.desk.viewer.mask.applyBox(title, outcome.box, outcome.after);
    this.applying = false;
    this.tell(true, `${title}: ${words}.`);
    return true;
  }

  private rules(): PaintRules {
    return rulesOf(this.desk.store.getState());
  }

  /** Scanner values by which a range among the rules judges. Raises CannotDoError where they have not arrived. */
  private judged(box: Box3, { range }: PaintRules): Float32Array<ArrayBuffer> | null {
    if (!range) return null;
    const { viewer } = this.desk;
    const key = viewer.chosen;
    const values = intensitiesOf(viewer, box, (z) => viewer.pixels(key, z));
    const source = viewer.sourceInputs.find((input) => input.key === key);
    if (!values || !source) throw new CannotDoError('The picture has not arrived yet.');
    return values.map((stored) => stored * source.slope + source.intercept);
  }

  private names(): ReadonlyMap<number, string> {
    return new Map(this.desk.labels.map(({ value, name }) => [value, name]));
  }

  private tell(good: boolean, words: string): void {
    this.store.setState({ told: { good, words } });
  }

  private stopPicking(): void {
    this.stopClicks?.();
    this.stopClicks = null;
    this.store.setState({ picking: null });
  }

  /** Another tool, label or right takes the place of what was asked; the pointer tells which plane is looked at. */
  private follow(now: DeskState, before: DeskState): void {
    if (now.hover && now.hover.plane !== this.state.plane) this.store.setState({ plane: now.hover.plane });
    if (now.tool !== before.tool || now.editable !== before.editable) this.stopPicking();
    if (now.label !== before.label || now.editable !== before.editable) this.cancel();
  }
}
