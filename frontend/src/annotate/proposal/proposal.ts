/** The model's draft on the desk: shown over the mask until it is answered, and taken into it part by part. */
import { api, apiFetch, call, type Proposal, type Task } from '../../api';
import { masked, type Slices } from '../../viewer';
import type { Change } from '../../viewer';
import { unpackBundle } from '../bmm';
import type { DeskBase } from '../parts';
import {
  type Cells,
  labelsIn,
  readCells,
  readRanges,
  slicesOf,
  union,
  within,
  without,
  writeCells,
} from './cells';

/** What the page shows of the draft. */
export interface ProposalState {
  /** The model, such as `model 3`. */
  source: string;
  labels: readonly { value: number; voxels: number; slices: ReadonlySet<number> }[];
  /** Null while it is on its way. */
  slices: Slices | null;
  failed: boolean;
  accepted: Cells;
  declined: boolean;
  /** The panel is open, and the rest of the draft is seen. */
  open: boolean;
  over: 'everything' | 'unlabelled';
  /** Colour the mask by who drew it. */
  origins: boolean;
  /** A part is being taken. */
  busy: boolean;
}

/** Which part of a draft: some labels (null: all) in some slices (null: all). */
export interface Part {
  labels: ReadonlySet<number> | null;
  slices: ReadonlySet<number> | null;
}

interface Taking {
  title: string;
  before: Cells;
  after: Cells;
}

const TITLE = 'Take of the draft';
/** Longest stretch of work at a time, so that the page stays alive. */
const STRETCH_MS = 12;

export class DraftOnDesk {
  private taken: Taking[] = [];
  private undone: Taking[] = [];
  private changes = 0;
  private taskId = 0;
  /** What the newest revision on the server has taken. */
  private known = '';

  constructor(private readonly desk: DeskBase) {}

  get state(): ProposalState | null {
    return this.desk.store.getState().proposal;
  }

  /** All cells in which the draft has voxels. */
  get cells(): Cells {
    return new Map(this.state?.labels.map(({ value, slices }) => [value, slices]));
  }

  /** Cells that are not taken yet. */
  get rest(): Cells {
    return without(this.cells, this.state?.accepted ?? new Map<number, Set<number>>());
  }

  /** Put the draft of a task on the desk, or none. */
  async open(task: Task): Promise<void> {
    this.taskId = task.id;
    this.taken = [];
    this.undone = [];
    if (!task.proposal) {
      this.desk.store.setState({ proposal: null });
      return;
    }
    this.desk.store.setState({ proposal: started(task.proposal) });
    await this.load();
  }

  /** What the newest revision on the server has taken; strokes of this visit go before it. */
  adopt(accepted: string): void {
    this.known = accepted;
    if (this.taken.length + this.undone.length === 0) this.set({ accepted: readCells(accepted) });
  }

  /** Fetch the draft's voxels; again after a failure. */
  async load(): Promise<void> {
    const { shapeZyx } = this.desk.viewer.grid;
    const taskId = this.taskId;
    this.set({ failed: false });
    try {
      const answer = await apiFetch(`/api/tasks/${taskId}/proposal`);
      const slices = unpackBundle(new Uint8Array(await answer.arrayBuffer()), shapeZyx[1] * shapeZyx[2]);
      if (taskId === this.taskId) this.set({ slices });
    } catch {
      if (taskId === this.taskId) this.set({ failed: true });
    }
  }

  /** Take a part into the mask, as one step that can be undone. Resolves to whether anything changed. */
  async take(part: Part, name: string): Promise<boolean> {
    const { state, desk } = this;
    if (!state?.slices || state.busy || !desk.store.getState().editable) return false;
    this.set({ busy: true });
    try {
      const open = new Set(desk.labels.map(({ value }) => value).filter((value) => !this.isLocked(value)));
      const wished = within(within(this.cells, open, null), part.labels, part.slices);
      return this.apply(wished, await this.composed(wished, state.slices), name);
    } finally {
      this.set({ busy: false });
    }
  }

  /** Start empty; the draft can be opened again. */
  async decline(): Promise<void> {
    await call(api.POST('/api/tasks/{id}/proposal/decline', { params: { path: { id: this.taskId } } }));
    this.set({ declined: true, open: false });
  }

  toggle(): void {
    if (this.state) this.set({ open: !this.state.open });
  }

  set(change: Partial<ProposalState>): void {
    const { proposal } = this.desk.store.getState();
    if (proposal) this.desk.store.setState({ proposal: { ...proposal, ...change } });
  }

  /** What a save says of the draft: all parts that are in the mask; null where there is no draft. */
  get acceptedText(): string | null {
    return this.state ? writeCells(this.state.accepted) : null;
  }

  /** Undo of a taking takes it back, and redo does it again. */
  whenChanged({ kind, title }: Change): void {
    this.changes += 1;
    if (kind === 'do' && !title.startsWith(TITLE)) this.undone = [];
    if (kind === 'load') this.forget();
    if (kind === 'undo' && this.taken.at(-1)?.title === title) this.travel(this.taken, this.undone, 'before');
    if (kind === 'redo' && this.undone.at(-1)?.title === title) this.travel(this.undone, this.taken, 'after');
  }

  private forget(): void {
    [this.taken, this.undone] = [[], []];
    this.adopt(this.known);
  }

  private travel(from: Taking[], to: Taking[], side: 'before' | 'after'): void {
    const step = from.pop();
    if (!step) return;
    to.push(step);
    this.set({ accepted: step[side] });
  }

  private apply(wished: Cells, slices: Slices, name: string): boolean {
    const before = this.state?.accepted ?? new Map<number, Set<number>>();
    const title = `${TITLE}: ${name}`;
    const after = union(before, wished);
    this.undone = [];
    this.taken.push({ title, before, after });
    this.set({ accepted: after }); // before the mask says that it changed, so that its save says so too
    if (this.desk.viewer.mask.apply(title, slices)) return true;
    this.taken.pop();
    this.set({ accepted: before });
    return false;
  }

  /** The slices as they will be. What is drawn meanwhile makes it begin again. */
  private async composed(wished: Cells, draft: Slices): Promise<Slices> {
    const { mask } = this.desk.viewer;
    for (;;) {
      const seen = this.changes;
      const after = new Map<number, Uint8Array>();
      let began = performance.now();
      for (const z of slicesOf(wished)) {
        after.set(z, this.withDraft(mask.slice(z), draft.get(z), labelsIn(wished, z)));
        if (performance.now() - began < STRETCH_MS) continue;
        await new Promise((resolve) => setTimeout(resolve));
        began = performance.now();
      }
      if (seen === this.changes) return after;
    }
  }

  private withDraft(before: Uint8Array, draft: Uint8Array | undefined, wanted: Uint8Array): Uint8Array {
    const after = new Uint8Array(before);
    draft?.forEach((label, i) => {
      if (wanted[label] === 1) after[i] = label;
    });
    const { hidden, locked } = this.desk.store.getState();
    const over = this.state?.over ?? 'everything';
    return masked(before, after, null, {
      locked: new Set([...locked, ...hidden]),
      over,
      inside: null,
      range: null,
    });
  }

  private isLocked(value: number): boolean {
    const { hidden, locked } = this.desk.store.getState();
    return hidden.has(value) || locked.has(value);
  }
}

/** Whether nothing of the draft is taken and it was not put aside. */
export function isWaiting({ accepted, declined }: ProposalState): boolean {
  return !declined && accepted.size === 0;
}

function started(proposal: Proposal): ProposalState {
  return {
    source: proposal.source,
    labels: proposal.labels.map(({ value, voxels, slices }) => ({
      value,
      voxels,
      slices: readRanges(slices) ?? new Set<number>(),
    })),
    slices: null,
    failed: false,
    accepted: readCells(proposal.accepted),
    declined: proposal.answer === 'declined',
    open: false,
    over: 'everything',
    origins: false,
    busy: false,
  };
}
