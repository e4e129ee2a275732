/**
 * Keeps what is drawn: on the server soon after each stroke, and in the browser until the server has acknowledged.
 * One payload is under way at a time. It keeps its Idempotency-Key over every retry, and in the draft, so that an
 * answer that was lost on the way back makes no second revision.
 */
import type { Outcome, Payload, SaveState, Slices } from './saveStates';
import { NotSavedError, sentence } from './saveStates';

export interface AutosavePorts {
  /** Copies of the slices that differ from what the server has acknowledged. */
  changed: () => Slices;
  /** The server has these slices now. */
  acknowledge: (slices: Slices) => void;
  send: (payload: Payload) => Promise<Outcome>;
  /** Keep a draft in the browser: slices that differ from a revision, and the payload that is on its way. */
  keepDraft: (base: number, slices: Slices, pending: Payload | null) => Promise<unknown>;
  dropDraft: () => Promise<unknown>;
  newKey: () => string;
  onState: (state: SaveState, revision: number) => void;
}

export const DEBOUNCE_MS = 1_500;
const DRAFT_MS = 300;
const RETRY_MS = [2_000, 4_000, 8_000, 15_000, 30_000] as const;

export class Autosave {
  private state: SaveState = { kind: 'saved' };
  private pending: Payload | null = null;
  private saveTimer: ReturnType<typeof setTimeout> | undefined;
  private draftTimer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private closed = false;
  /** Tries of the pending payload that found no server. */
  private attempts = 0;

  constructor(
    private readonly ports: AutosavePorts,
    private revision: number,
  ) {}

  get current(): SaveState {
    return this.state;
  }

  /** The last revision that the server is known to have. */
  get head(): number {
    return this.revision;
  }

  /** Whether closing the page now could lose a stroke that only the browser has. */
  get hasUnsaved(): boolean {
    return this.state.kind !== 'saved';
  }

  /** The payload whose answer is missing. */
  get underWay(): Payload | null {
    return this.pending;
  }

  /** The mask was touched: save soon. While the server refuses saves, only the draft is kept. */
  touch(): void {
    if (this.closed) return;
    this.keepDraftSoon();
    if (this.state.kind === 'saved' || this.state.kind === 'dirty') {
      this.enter({ kind: 'dirty' });
      this.saveIn(DEBOUNCE_MS);
    }
  }

  /** Save now whatever is not saved. Rejects with NotSavedError when the server does not take it. */
  async flush(): Promise<number> {
    if (this.running) await this.running;
    clearTimeout(this.saveTimer);
    if (this.mayTry()) await this.run();
    if (this.state.kind !== 'saved') throw new NotSavedError(sentence(this.state));
    return this.revision;
  }

  /** Save without waiting for the next stroke, where there is something to save: the page is being left. */
  hurry(): void {
    if (this.closed || this.state.kind !== 'dirty') return;
    clearTimeout(this.saveTimer);
    void this.run();
  }

  /** Try again at once, after signing in or when the network is back. */
  resume(): void {
    if (this.closed || (this.state.kind !== 'signed-out' && this.state.kind !== 'offline')) return;
    clearTimeout(this.saveTimer);
    void this.run();
  }

  /**
   * The server was seen to have a newer revision than the one drawn on. While a payload is on its way this may be our
   * own; its answer will tell.
   */
  learn(head: number, by: string | null, at: string | null): void {
    const waiting = this.state.kind === 'saved' || this.state.kind === 'dirty';
    if (this.closed || !waiting || this.pending || this.running || head <= this.revision) return;
    clearTimeout(this.saveTimer);
    void this.stopAt({ kind: 'conflict', head, by, at });
  }

  /** The mask was loaded anew from this revision; a conflict is over. */
  rebase(revision: number): void {
    clearTimeout(this.saveTimer);
    clearTimeout(this.draftTimer);
    this.pending = null;
    this.revision = revision;
    this.enter({ kind: 'saved' });
  }

  /** What has not been acknowledged, to be sent while the page goes; null when there is nothing or no use in it. */
  lastWords(): Payload | null {
    if (this.closed || this.state.kind === 'saved' || !this.mayTry()) return null;
    this.pending ??= this.nextPayload();
    return this.pending;
  }

  /** Write the draft at once: the page may be about to go. */
  async keepDraftNow(): Promise<void> {
    clearTimeout(this.draftTimer);
    if (this.state.kind === 'saved') return;
    const slices = this.ports.changed();
    if (slices.size > 0 || this.pending) await this.ports.keepDraft(this.revision, slices, this.pending);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.saveTimer);
    clearTimeout(this.draftTimer);
  }

  private mayTry(): boolean {
    return this.state.kind !== 'conflict' && this.state.kind !== 'refused';
  }

  private saveIn(ms: number): void {
    clearTimeout(this.saveTimer);
    this.saveTimer = setTimeout(() => void this.run(), ms);
  }

  private keepDraftSoon(): void {
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => void this.keepDraftNow(), DRAFT_MS);
  }

  private run(): Promise<void> {
    this.running ??= this.saveAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Payload by payload, until the server has everything or does not take it. */
  private async saveAll(): Promise<void> {
    for (;;) {
      const payload = this.pending ?? this.nextPayload();
      if (!payload) return this.settle();
      this.pending = payload;
      this.enter({ kind: 'saving' });
      void this.keepDraftNow(); // with the key under which it is sent
      const outcome = await this.ports.send(payload);
      if (this.closed || this.pending !== payload) return;
      if (outcome.kind !== 'saved') return this.stopAt(outcome);
      this.pending = null;
      this.revision = outcome.revision;
      this.ports.acknowledge(payload.slices);
    }
  }

  private nextPayload(): Payload | null {
    const slices = this.ports.changed();
    return slices.size > 0 ? { base: this.revision, key: this.ports.newKey(), slices } : null;
  }

  private async settle(): Promise<void> {
    clearTimeout(this.draftTimer);
    this.enter({ kind: 'saved' });
    await this.ports.dropDraft();
  }

  private async stopAt(outcome: Exclude<Outcome, { kind: 'saved' }>): Promise<void> {
    if (outcome.kind === 'unreachable') this.retryLater();
    else this.enter(outcome);
    await this.keepDraftNow();
  }

  private retryLater(): void {
    const wait = RETRY_MS[Math.min(this.attempts, RETRY_MS.length - 1)] ?? 0;
    this.attempts += 1;
    this.enter({ kind: 'offline', attempts: this.attempts, retryAt: Date.now() + wait });
    this.saveIn(wait);
  }

  private enter(state: SaveState): void {
    if (state.kind === 'saved') this.attempts = 0;
    this.state = state;
    this.ports.onState(state, this.revision);
  }
}
