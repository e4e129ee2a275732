/**
 * Lets one tab of a browser draw in a case. The others wait for it to close, or ask it to stop. Other browsers are the
 * server's business, which refuses a save on an older revision.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';

import { newKey } from './newKey';

/** Whether this tab may draw: not known yet, yes, or another tab does. */
export type TabState = 'asking' | 'here' | 'elsewhere';

/** A tab that is asked to stop saves first; it is not waited for longer. */
const YIELD_MS = 4_000;
/** A tab that does not answer, because the browser has put it to sleep, loses the case. */
const STEAL_MS = 6_000;
/** A lock that is free is given at once; one that is not, later. */
const ANSWER_MS = 250;

interface Wish {
  wish: 'draw';
  from: string;
}

export class CaseLock {
  readonly store: StoreApi<{ tab: TabState }> = createStore<{ tab: TabState }>(() => ({ tab: 'asking' }));
  private readonly id = newKey();
  private readonly name: string;
  private readonly channel: BroadcastChannel;
  private waiting = new AbortController();
  private release: (() => void) | null = null;
  private stealTimer: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  /** beforeYield: saves what is drawn, before another tab goes on with it. */
  constructor(
    taskId: number,
    private readonly beforeYield: () => Promise<unknown>,
    private readonly locks: LockManager | undefined = (navigator as { locks?: LockManager }).locks,
  ) {
    this.name = `ninefold/task/${taskId}`;
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }: MessageEvent<Wish>) => void this.whenWished(data);
    this.queue();
  }

  /** Draw here; the tab that does so now saves and stops. */
  takeOver(): void {
    this.channel.postMessage({ wish: 'draw', from: this.id } satisfies Wish);
    clearTimeout(this.stealTimer);
    this.stealTimer = setTimeout(() => {
      if (!this.closed && this.store.getState().tab !== 'here') void this.request({ steal: true });
    }, STEAL_MS);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.stealTimer);
    this.waiting.abort();
    this.channel.close();
    this.release?.();
  }

  private queue(): void {
    this.waiting.abort();
    this.waiting = new AbortController();
    void this.request({ signal: this.waiting.signal });
    setTimeout(() => {
      if (this.store.getState().tab === 'asking') this.enter('elsewhere');
    }, ANSWER_MS);
  }

  /** Ask for the lock, and hold it until it is given away or taken. Without HTTPS browsers have no locks. */
  private async request(options: LockOptions): Promise<void> {
    if (!this.locks) return this.enter('here');
    try {
      await this.locks.request(this.name, options, () => this.hold());
    } catch {
      if (this.release === null) return; // given up while waiting
      this.release = null; // taken by a tab that had waited in vain
      this.stand();
    }
  }

  private hold(): Promise<void> {
    if (this.closed) return Promise.resolve();
    clearTimeout(this.stealTimer);
    if (this.release) return Promise.resolve();
    return new Promise((resolve) => {
      this.release = resolve;
      this.enter('here');
    });
  }

  private async whenWished({ from }: Wish): Promise<void> {
    if (from === this.id || this.closed) return;
    if (!this.release) return this.queue(); // let the one who asks go first
    const patience = new Promise((resolve) => setTimeout(resolve, YIELD_MS));
    await Promise.race([this.beforeYield().catch(() => null), patience]);
    const release = this.release;
    this.release = null;
    this.stand();
    release();
  }

  /** Another tab draws now; this one goes on when that is closed. */
  private stand(): void {
    this.enter('elsewhere');
    if (!this.closed) this.queue();
  }

  private enter(tab: TabState): void {
    if (!this.closed) this.store.setState({ tab });
  }
}
