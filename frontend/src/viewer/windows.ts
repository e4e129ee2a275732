/** In which window each source is shown: phases in one and the same, so that they compare, others in one of their own. */

/** Values of the source, in its unit, that are drawn black and white. */
export interface WindowRange {
  low: number;
  high: number;
}

const PHASE = /^phase\d+$/;
const SMALLEST = 1e-3;

export class Windows {
  /** Whether all phases share one window. */
  private steady = true;
  private readonly chosen = new Map<string, WindowRange>();

  /** given: the window that came with a source. first: key of the source whose window the phases begin with. */
  constructor(
    private readonly given: (key: string) => WindowRange,
    private readonly first: string,
  ) {}

  of(key: string): WindowRange {
    const group = this.group(key);
    return this.chosen.get(group) ?? this.given(group === PHASES ? this.first : key);
  }

  set(key: string, { low, high }: WindowRange): void {
    this.chosen.set(this.group(key), { low, high: Math.max(high, low + SMALLEST) });
  }

  /** Whether two sources are shown in one window. */
  together(a: string, b: string): boolean {
    return this.group(a) === this.group(b);
  }

  get isSteady(): boolean {
    return this.steady;
  }

  /** Let phases share one window, that of the source given, or have one each. */
  setSteady(steady: boolean, key: string): void {
    const now = this.of(key);
    this.steady = steady;
    this.set(key, now);
  }

  private group(key: string): string {
    return this.steady && PHASE.test(key) ? PHASES : key;
  }
}

const PHASES = 'phases';

export const WINDOW_PRESETS = ['given', 'auto', 'wide', 'narrow', 'full'] as const;
export type WindowPreset = (typeof WINDOW_PRESETS)[number];

/** A window around the same middle, so many times as wide. */
export function widened({ low, high }: WindowRange, by: number): WindowRange {
  const [centre, half] = [(low + high) / 2, ((high - low) / 2) * by];
  return { low: centre - half, high: centre + half };
}
