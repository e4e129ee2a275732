/** The phases of the slice that is looked at, one after the other, as a film. */
import { phaseKey } from '../viewer';
import type { DeskState } from './deskState';
import type { DeskBase } from './parts';
import { writePreferences } from './preferences';

export const SLOWEST = 2;
export const FASTEST = 10;

export interface CineState {
  state: 'still' | 'preparing' | 'playing';
  /** Share of the phases whose slice is there, 0 to 1. */
  fraction: number;
  perSecond: number;
}

export class Cine {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Grows with each start and stop, so that what was under way before can tell that it is over. */
  private turn = 0;

  constructor(
    private readonly desk: DeskBase,
    private readonly show: (phase: number) => Promise<void>,
  ) {}

  private get state(): CineState {
    return this.desk.store.getState().cine;
  }

  toggle(): void {
    if (this.state.state === 'still') void this.start();
    else this.stop();
  }

  /** Fetch the slice of every phase, then play them round and round. */
  async start(): Promise<void> {
    const indices = this.desk.volume.phases.map(({ index }) => index);
    if (indices.length < 2) return;
    this.turn += 1;
    const { turn } = this;
    this.tell({ state: 'preparing', fraction: 0 });
    this.desk.viewer.hold(indices.map(phaseKey));
    for (const [n, index] of indices.entries()) {
      await this.desk.viewer.fetch(phaseKey(index));
      if (turn !== this.turn) return;
      this.tell({ fraction: (n + 1) / indices.length });
    }
    this.tell({ state: 'playing' });
    this.next(turn, indices);
  }

  stop(): void {
    if (this.state.state === 'still') return;
    this.turn += 1;
    clearTimeout(this.timer);
    this.desk.viewer.hold([]);
    this.tell({ state: 'still' });
  }

  setRate(perSecond: number): void {
    const bounded = Math.min(Math.max(Math.round(perSecond), SLOWEST), FASTEST);
    this.tell({ perSecond: bounded });
    writePreferences({ cinePerSecond: bounded });
  }

  destroy(): void {
    this.turn += 1;
    clearTimeout(this.timer);
  }

  /** A phase that is late is waited for, so that pictures never pile up. */
  private next(turn: number, indices: readonly number[]): void {
    const began = performance.now();
    const now = indices.indexOf(this.desk.store.getState().phase);
    const index = indices[(now + 1) % indices.length] ?? 0;
    const step = async (): Promise<void> => {
      await this.desk.viewer.fetch(phaseKey(index));
      if (turn !== this.turn) return;
      await this.show(index);
      if (turn !== this.turn) return;
      const rest = 1000 / this.state.perSecond - (performance.now() - began);
      this.timer = setTimeout(() => this.next(turn, indices), Math.max(rest, 0));
    };
    step().catch(() => this.stop());
  }

  private tell(change: Partial<CineState>): void {
    this.desk.store.setState(({ cine }: DeskState) => ({ cine: { ...cine, ...change } }));
  }
}
