/**
 * Keeps what is drawn: on the server soon after each stroke, and in the browser until the server has acknowledged.
 * One payload is under way at a time. It keeps its Idempotency-Key over every retry, so that an answer that was lost
 * on the way back makes no second revision.
 */

export type Slices = Map<number, Uint8Array<ArrayBuffer>>;

/** The answer of the server, or the lack of one, to a save. */
export type Outcome =
  | { kind: 'saved'; revision: number }
  | { kind: 'conflict'; head: number | null; by: string | null }
  | { kind: 'signed-out' }
  | { kind: 'unreachable' }
  | { kind: 'refused'; message: string };

export interface Payload {
  /** Revision that the slices change. */
  base: number;
  key: string;
  slices: Slices;
}

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'dirty' }
  | { kind: 'saving' }
  | { kind: 'offline'; attempts: number; retryAt: number }
  | { kind: 'signed-out' }
  | { kind: 'conflict'; head: number | null; by: string | null }
  | { kind: 'refused'; message: string };

export interface AutosavePorts {
  /** Copies of the slices that differ from what the server has acknowledged. */
  changed: () => Slices;
  /** The server has these slices now. */
  acknowledge: (slices: Slices) => void;
  send: (payload: Payload) => Promise<Outcome>;
  /** Keep a draft in the browser: slices that differ from a revision. */
  keepDraft: (base: number, slices: Slices) => Promise<void>;
  dropDraft: () => Promise<void>;
  newKey: () => string;
  onState: (state: SaveState, revision: number) => void;
}

export const DEBOUNCE_MS = 1_500;
const DRAFT_MS = 300;
const RETRY_MS = [2_000, 4_000, 8_000, 15_000, 30_000] as const;

/** The strokes could not be saved now; the message says why. */
export class NotSavedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotSavedError';
  }
}

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

  /** Try again at once, after signing in or when the network is back. */
  resume(): void {
    if (this.state.kind !== 'signed-out' && this.state.kind !== 'offline') return;
    clearTimeout(this.saveTimer);
    void this.run();
  }

  /** The mask was loaded anew from this revision; a conflict is over. */
  rebase(revision: number): void {
    clearTimeout(this.saveTimer);
    clearTimeout(this.draftTimer);
    this.pending = null;
    this.revision = revision;
    this.enter({ kind: 'saved' });
  }

  /** Write the draft at once: the page may be about to go. */
  async keepDraftNow(): Promise<void> {
    clearTimeout(this.draftTimer);
    const slices = this.ports.changed();
    if (slices.size > 0) await this.ports.keepDraft(this.revision, slices);
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

/** What a state means to the person who draws. */
export function sentence(state: SaveState): string {
  switch (state.kind) {
    case 'saved':
      return 'Everything is saved.';
    case 'dirty':
    case 'saving':
      return 'The last strokes are on their way.';
    case 'offline':
      return 'The server cannot be reached. The strokes are kept in this browser and sent as soon as it answers.';
    case 'signed-out':
      return 'You were signed out. Sign in again; the strokes are kept in this browser.';
    case 'conflict':
      return `${state.by ?? 'Somebody else'} saved this case meanwhile. Your strokes are kept in this browser.`;
    case 'refused':
      return state.message;
  }
}
