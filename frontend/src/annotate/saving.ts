/** Saving of one case that is being drawn: its autosave, its draft in the browser, and what the page shows of both. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { onSessionRestored } from '../api';
import { Autosave, type SaveState, type Slices } from './autosave';
import { Baseline } from './baseline';
import type { Desk } from './desk';
import { type Draft, dropDraft, keepDraft, readDraft } from './drafts';
import { type ReadMask, readMask, saveMask } from './masks';
import { mergeStrokes } from './merge';

export interface SavingState {
  save: SaveState;
  revision: number;
  /** Strokes of an earlier visit that the server does not have, offered back. */
  draft: Draft | null;
}

export class Saving {
  readonly store: StoreApi<SavingState>;
  private readonly autosave: Autosave;
  private readonly baseline: Baseline;
  private readonly stop = new AbortController();
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly desk: Desk,
    private readonly userId: number,
    private readonly taskId: number,
    mask: ReadMask,
  ) {
    this.baseline = new Baseline(desk.viewer.grid.shapeZyx[0], (z) => desk.viewer.mask.slice(z));
    this.baseline.reset(mask.slices);
    this.store = createStore<SavingState>(() => ({
      save: { kind: 'saved' },
      revision: mask.revision,
      draft: null,
    }));
    this.autosave = new Autosave(
      {
        changed: () => this.baseline.changed(),
        acknowledge: (slices) => this.baseline.acknowledge(slices),
        send: (payload) => saveMask(taskId, payload),
        keepDraft: (base, slices) => keepDraft(userId, taskId, base, slices),
        dropDraft: () => dropDraft(userId, taskId),
        newKey: () => crypto.randomUUID(),
        onState: (save, revision) => this.show(save, revision),
      },
      mask.revision,
    );
    this.listen();
  }

  get head(): number {
    return this.autosave.head;
  }

  /** Look for strokes of an earlier visit; those that the server has already are dropped. */
  async findDraft(): Promise<void> {
    const draft = await readDraft(this.userId, this.taskId, this.desk.sliceSize);
    if (!draft) return;
    if (this.isKnown(draft)) await dropDraft(this.userId, this.taskId);
    else this.store.setState({ draft });
  }

  /** Put the offered draft on the mask and save it; of what was saved since, only the drawn voxels change. */
  async restoreDraft(): Promise<void> {
    const { draft, revision } = this.store.getState();
    if (!draft) return;
    const slices = draft.base === revision ? draft.slices : await this.merged(draft);
    this.store.setState({ draft: null });
    this.desk.viewer.mask.apply('Restored draft', slices);
    this.autosave.touch();
  }

  async discardDraft(): Promise<void> {
    this.store.setState({ draft: null });
    await dropDraft(this.userId, this.taskId);
  }

  /** Save what is not saved; resolves to the revision that holds it. Rejects with NotSavedError. */
  flush(): Promise<number> {
    return this.autosave.flush();
  }

  retry(): void {
    this.autosave.resume();
  }

  close(): void {
    void this.autosave.keepDraftNow();
    this.autosave.close();
    this.stop.abort();
    this.stops.forEach((stop) => {
      stop();
    });
  }

  private listen(): void {
    const options = { signal: this.stop.signal };
    window.addEventListener('online', () => this.autosave.resume(), options);
    window.addEventListener('pagehide', () => void this.autosave.keepDraftNow(), options);
    window.addEventListener('visibilitychange', () => void this.autosave.keepDraftNow(), options);
    window.addEventListener('beforeunload', (event) => this.warn(event), options);
    this.stops.push(
      onSessionRestored(() => this.autosave.resume()),
      this.desk.onTouched(() => this.autosave.touch()),
    );
  }

  private warn(event: BeforeUnloadEvent): void {
    if (!this.autosave.hasUnsaved) return;
    void this.autosave.keepDraftNow();
    event.preventDefault();
  }

  private show(save: SaveState, revision: number): void {
    this.store.setState({ save, revision });
    if (save.kind === 'conflict' || save.kind === 'refused') this.desk.setEditable(false);
  }

  private async merged({ base, slices }: Draft): Promise<Slices> {
    const before = await readMask(this.taskId, this.desk.sliceSize, base);
    const now = new Map([...slices.keys()].map((z) => [z, new Uint8Array(this.desk.viewer.mask.slice(z))]));
    return mergeStrokes(before.slices, slices, now);
  }

  private isKnown(draft: Draft): boolean {
    return [...draft.slices].every(([z, labels]) => this.baseline.has(z, labels));
  }
}
