/** Saving of one case that is being drawn: its autosave, its draft in the browser, and what the page shows of both. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { onSessionRestored, useSignedOut } from '../api';
import { Autosave } from './autosave';
import { Baseline } from './baseline';
import type { Desk } from './desk';
import type { Draft, DraftTrouble } from './drafts';
import { saveWhileLeaving } from './lastSave';
import { type ReadMask, readMask, saveMask } from './masks';
import { newKey } from './newKey';
import { type Offer, Offers } from './offers';
import type { SaveState, Slices } from './saveStates';
import { Shelf } from './shelf';

export interface SavingState {
  save: SaveState;
  revision: number;
  /** When the server acknowledged last, null before the first time. */
  savedAt: Date | null;
  /** Strokes that the server does not have, offered back. */
  offer: Offer | null;
  /** Why nothing can be kept in the browser. */
  trouble: DraftTrouble | null;
}

export class Saving {
  readonly store: StoreApi<SavingState>;
  readonly offers: Offers;
  private readonly autosave: Autosave;
  private readonly baseline: Baseline;
  private readonly shelf: Shelf;
  private readonly stop = new AbortController();
  private readonly stops: (() => void)[] = [];
  /** How many things are shown in place of the mask; none of them is to be saved. */
  private holds = 0;

  constructor(
    readonly desk: Desk,
    userId: number,
    private readonly taskId: number,
    mask: ReadMask,
  ) {
    const { revision } = mask;
    this.store = createStore<SavingState>(() => ({
      save: { kind: 'saved' },
      revision,
      savedAt: null,
      offer: null,
      trouble: null,
    }));
    this.baseline = new Baseline(desk.viewer.grid.shapeZyx[0], (z) => desk.viewer.mask.slice(z));
    this.baseline.reset(mask.slices);
    this.shelf = new Shelf(userId, taskId, desk.sliceSize, (trouble) => this.store.setState({ trouble }));
    this.autosave = new Autosave(
      {
        changed: () => this.changed(),
        acknowledge: (slices) => this.acknowledge(slices),
        send: (payload) => saveMask(taskId, userId, { ...payload, accepted: desk.draft.acceptedText }),
        keepDraft: (base, slices, pending) => this.shelf.keep({ base, slices, pending }),
        dropDraft: () => this.shelf.drop(),
        newKey,
        onState: (save, at) => this.show(save, at),
      },
      revision,
    );
    this.offers = new Offers(
      {
        head: () => this.head,
        known: () => this.baseline.known,
        read: (number) => readMask(taskId, desk.sliceSize, number),
        onDesk: () => this.onDesk(),
        changed: () => this.changed(),
        standOn: (theirs) => this.standOn(theirs),
        putOn: (title, slices) => this.putOn(title, slices),
        flush: () => this.flush(),
        onOffer: (offer) => this.store.setState({ offer }),
      },
      this.shelf,
    );
    this.listen();
  }

  /** The last revision that the server is known to have. */
  get head(): number {
    return this.autosave.head;
  }

  /** The mask as the server has it; slices that are not given are empty. */
  get known(): ReadonlyMap<number, Uint8Array> {
    return this.baseline.known;
  }

  get hasUnsaved(): boolean {
    return this.autosave.hasUnsaved;
  }

  /** The server was seen to be at this revision. */
  learn(head: number, by: string | null, at: string | null): void {
    this.autosave.learn(head, by, at);
  }

  /** Change the mask in one step that can be undone, and save it. */
  putOn(title: string, slices: Slices): void {
    this.desk.viewer.mask.apply(title, slices);
    this.touch([...slices.keys()]);
  }

  /** Save what is not saved; resolves to the revision that holds it. Rejects with NotSavedError. */
  flush(): Promise<number> {
    this.baseline.touch([]); // compared in full: what is handed on must be all there is
    return this.autosave.flush();
  }

  /** Something else than the mask is shown in its place, and not to be saved. Returns the way back. */
  hold(): () => void {
    this.holds += 1;
    return () => {
      this.holds -= 1;
    };
  }

  /** Slices that are on the desk and not on the server. */
  changed(): Slices {
    return this.holds > 0 ? new Map<number, never>() : this.baseline.changed();
  }

  /** All that the server is not known to have, to be taken to another desk; null where there is nothing. */
  unsaved(): Draft | null {
    const slices = this.changed();
    const pending = this.autosave.underWay;
    return slices.size > 0 || pending ? this.shelf.draft({ base: this.head, slices, pending }) : null;
  }

  /** Try again at once, asking for the password first where nobody is signed in. */
  retry(): void {
    const { save } = this.store.getState();
    if (save.kind === 'signed-out') useSignedOut.getState().expire();
    else if (save.kind === 'conflict') void this.offers.meet(save).catch(() => null);
    else this.autosave.resume();
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
    window.addEventListener('pageshow', () => this.autosave.resume(), options);
    window.addEventListener('pagehide', () => this.leave(), options);
    window.addEventListener('beforeunload', (event) => this.warn(event), options);
    document.addEventListener('visibilitychange', () => this.whenHidden(), options);
    this.stops.push(
      onSessionRestored(() => this.autosave.resume()),
      this.desk.onTouched((slices) => this.touch(slices)),
    );
  }

  private touch(slices: readonly number[]): void {
    if (this.holds > 0) return;
    this.baseline.touch(slices);
    this.autosave.touch();
  }

  private whenHidden(): void {
    if (document.visibilityState !== 'hidden') return;
    void this.autosave.keepDraftNow();
    this.autosave.hurry();
  }

  private leave(): void {
    const payload = this.autosave.lastWords();
    if (payload) saveWhileLeaving(this.taskId, { ...payload, accepted: this.desk.draft.acceptedText });
    void this.autosave.keepDraftNow();
  }

  private warn(event: BeforeUnloadEvent): void {
    if (!this.autosave.hasUnsaved) return;
    void this.autosave.keepDraftNow();
    this.autosave.hurry();
    event.preventDefault();
  }

  private show(save: SaveState, revision: number): void {
    this.store.setState({ save, revision });
    if (save.kind === 'conflict' || save.kind === 'refused') this.desk.setEditable(false);
    if (save.kind === 'conflict') void this.offers.meet(save).catch(() => null); // the page offers to try again
    if (save.kind === 'signed-out') useSignedOut.getState().expire();
  }

  private acknowledge(slices: Slices): void {
    this.baseline.acknowledge(slices);
    this.store.setState({ savedAt: new Date() });
  }

  private standOn({ revision, slices }: ReadMask): void {
    this.desk.loadMask(slices);
    this.baseline.reset(slices);
    this.autosave.rebase(revision);
    this.desk.setEditable(true);
  }

  private onDesk(): ReadonlyMap<number, Uint8Array> {
    const { grid, mask } = this.desk.viewer;
    return new Map(Array.from({ length: grid.shapeZyx[0] }, (_, z) => [z, mask.slice(z)]));
  }
}
