/**
 * How a place takes up contrast and gives it off again, from its signal in the phases of a DCE series.
 *
 * Words and limits are those of the BI-RADS MRI lexicon (ACR BI-RADS Atlas, 5th edition, 2013) after Kuhl et al.,
 * Radiology 1999;211:101-110: the initial enhancement is read within the first minutes, and the late change of signal
 * beside it, by 10 %, makes the curve persistent, plateau or washout. The signal enhancement ratio is that of Hylton
 * et al., Radiology 2012;263:663-672.
 */

/** Signal at a time. seconds: after the first phase, null where unknown; value: scanner units, null where missing. */
export interface Sample {
  seconds: number | null;
  value: number | null;
  /** Whether it was taken before contrast. */
  pre: boolean;
}

export type CurveType = 'persistent' | 'plateau' | 'washout';
export type InitialSpeed = 'slow' | 'medium' | 'fast';

export interface Kinetics {
  /** 100 (S - S0) / S0 of each sample, null where one of them is missing. */
  enhancement: (number | null)[];
  /** Initial enhancement in %: the highest in the initial phases. */
  initial: number | null;
  /** slow below 50 %, medium to 100 %, fast above. */
  speed: InitialSpeed | null;
  /** Initial enhancement for each minute that has passed since the pre-contrast phase. */
  washIn: number | null;
  /** Highest enhancement of all in %. */
  peak: number | null;
  /** Seconds from the pre-contrast phase to the highest enhancement. */
  timeToPeak: number | null;
  /** 100 (S_last - S_initial) / S_initial. */
  lateChange: number | null;
  /** (S_initial - S0) / (S_last - S0): above 1 the signal falls. */
  ratio: number | null;
  type: CurveType | null;
}

/** Phases no later than this after the last pre-contrast phase are initial; the first after contrast always is. */
export const INITIAL_WITHIN_S = 180;
/** Late change in % up to which a curve is a plateau. */
export const PLATEAU_PERCENT = 10;
/** Enhancement in % below which nothing is taken up whose course could be named. */
export const ENHANCES_PERCENT = 10;
const MEDIUM_PERCENT = 50;
const FAST_PERCENT = 100;

/** Raises nothing: what cannot be told is null. Samples are in the order of their phases. */
export function kineticsOf(samples: readonly Sample[]): Kinetics {
  const before = baseline(samples);
  const enhancement = samples.map(({ value }) => percent(value, before));
  const start = samples.filter(({ pre }) => pre).at(-1)?.seconds ?? null;
  const post = samples
    .map((sample, n) => ({ ...sample, percent: enhancement[n] ?? null }))
    .filter(({ pre }) => !pre);
  const early = highest(post.filter((sample, n) => n === 0 || isInitial(sample, start)));
  const peak = highest(post);
  const late = lastAfter(post, early);
  const lateChange = percent(late.value, early.value);
  const enhances = peak.percent !== null && peak.percent >= ENHANCES_PERCENT;
  return {
    enhancement,
    initial: early.percent,
    speed: speedOf(early.percent),
    washIn: perMinute(early.percent, elapsed(early, start)),
    peak: peak.percent,
    timeToPeak: elapsed(peak, start),
    lateChange,
    ratio: enhances ? ratioOf(before, early.value, late.value) : null,
    type: enhances ? typeOf(lateChange) : null,
  };
}

interface Post extends Sample {
  percent: number | null;
}

const NONE: Post = { seconds: null, value: null, percent: null, pre: false };

/** Mean of the pre-contrast samples; null where one is missing, as the rest would be compared with something else. */
function baseline(samples: readonly Sample[]): number | null {
  const values = samples.filter(({ pre }) => pre).map(({ value }) => value);
  if (values.length === 0 || values.some((value) => value === null)) return null;
  const mean = values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;
  return mean > 0 ? mean : null;
}

function percent(value: number | null, of: number | null): number | null {
  return value === null || of === null || of <= 0 ? null : (100 * (value - of)) / of;
}

function isInitial({ seconds }: Sample, start: number | null): boolean {
  return seconds !== null && start !== null && seconds - start <= INITIAL_WITHIN_S;
}

function highest(samples: readonly Post[]): Post {
  return samples.reduce(
    (best, sample) => ((sample.percent ?? -Infinity) > (best.percent ?? -Infinity) ? sample : best),
    NONE,
  );
}

/** The last phase, when it comes after the one that the initial enhancement was read from. */
function lastAfter(post: readonly Post[], early: Post): Post {
  const last = post.at(-1) ?? NONE;
  return last === early ? NONE : last;
}

function elapsed({ seconds }: Post, start: number | null): number | null {
  return seconds === null || start === null ? null : seconds - start;
}

function perMinute(of: number | null, seconds: number | null): number | null {
  return of === null || seconds === null || seconds <= 0 ? null : of / (seconds / 60);
}

function ratioOf(before: number | null, early: number | null, late: number | null): number | null {
  return before === null || early === null || late === null || late <= before
    ? null
    : (early - before) / (late - before);
}

function speedOf(initial: number | null): InitialSpeed | null {
  if (initial === null) return null;
  if (initial < MEDIUM_PERCENT) return 'slow';
  return initial <= FAST_PERCENT ? 'medium' : 'fast';
}

function typeOf(lateChange: number | null): CurveType | null {
  if (lateChange === null) return null;
  if (lateChange > PLATEAU_PERCENT) return 'persistent';
  return lateChange < -PLATEAU_PERCENT ? 'washout' : 'plateau';
}
