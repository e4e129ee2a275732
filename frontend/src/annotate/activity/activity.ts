/** How long somebody is at work: time with the page in sight and a hand on mouse or keyboard. Pure. */

/** Longest pause that still counts as work. */
export const IDLE_S = 60;

export interface Stretch {
  /** Active seconds. */
  seconds: number;
  /** How long the stretch lasted. */
  spanS: number;
  /** How long ago it ended. */
  agoS: number;
}

/** Adds up active time between moments given in milliseconds of one rising clock. */
export class ActiveClock {
  private lastInput: number | null = null;
  private counted: number;
  private activeMs = 0;

  constructor(private begun: number) {
    this.counted = begun;
  }

  /** The hand moved. */
  input(now: number): void {
    this.count(now);
    this.lastInput = now;
  }

  /** The page is out of sight: nothing counts until the next input. */
  hide(now: number): void {
    this.count(now);
    this.lastInput = null;
  }

  /** The stretch since the last one was taken; null where nobody was active. */
  take(now: number): Stretch | null {
    this.count(now);
    const seconds = Math.floor(this.activeMs / 1000);
    if (seconds === 0) return null;
    const spanS = Math.ceil((now - this.begun) / 1000);
    this.begun = now;
    this.activeMs -= seconds * 1000;
    return { seconds, spanS, agoS: 0 };
  }

  private count(now: number): void {
    if (this.lastInput !== null) {
      const until = Math.min(now, this.lastInput + IDLE_S * 1000);
      this.activeMs += Math.max(0, until - this.counted);
    }
    this.counted = now;
  }
}
