const WINDOW_MS = 15_000;
const LEAST_MS = 1_000;

/** How fast something goes of late. */
export class Pace {
  #marks: { at: number; done: number }[] = [];

  /** So much was done by then. */
  mark(at: number, done: number): void {
    this.#marks.push({ at, done });
    const oldest = this.#marks.findIndex((mark) => at - mark.at <= WINDOW_MS);
    this.#marks.splice(0, oldest);
  }

  /** Forget what was before a break. */
  begin(): void {
    this.#marks = [];
  }

  /** Per second; null before there is a pace. */
  get rate(): number | null {
    const [first] = this.#marks;
    const last = this.#marks.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return null;
    return Math.max(0, ((last.done - first.done) * 1000) / (last.at - first.at));
  }

  /** Seconds until so much is done; null while nobody can say. */
  secondsUntil(total: number): number | null {
    const rate = this.rate;
    const last = this.#marks.at(-1);
    return rate === null || rate === 0 || last === undefined ? null : (total - last.done) / rate;
  }
}
