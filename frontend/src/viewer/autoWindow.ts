/** A window from the values that are there: percentiles of the body, without the air around it. */
import type { WindowRange } from './windows';

const BINS = 4096;
/** Share of the 99.5th percentile below which a value counts as air. */
const AIR_SHARE = 0.05;
const [LOW_SHARE, HIGH_SHARE] = [0.01, 0.995] as const;
/** A source with this share of values below zero is a difference, whose window begins at zero. */
const DIFFERENCE_SHARE = 0.05;

export interface Values {
  /** Percentile windows of stored values. */
  auto: WindowRange;
  full: WindowRange;
}

/** Windows from stored values (n slices of any length), or null where there is no value or all are the same. */
export function windowsOf(slices: readonly Int16Array[]): Values | null {
  const full = range(slices);
  if (full === null || full.low === full.high) return null;
  const counts = histogram(slices, full);
  const width = (full.high - full.low) / BINS;
  const valueAt = (bin: number): number => full.low + (bin + 0.5) * width;
  const top = valueAt(quantile(counts, HIGH_SHARE));
  const body = counts.map((count, bin) => (valueAt(bin) > AIR_SHARE * top ? count : 0));
  const below = counts.reduce((sum, count, bin) => sum + (valueAt(bin) < -AIR_SHARE * top ? count : 0), 0);
  const all = counts.reduce((sum, count) => sum + count, 0);
  const isDifference = full.low < 0 && below > DIFFERENCE_SHARE * all;
  const low = isDifference ? 0 : valueAt(quantile(body, LOW_SHARE));
  const high = valueAt(quantile(body, HIGH_SHARE));
  return { auto: high > low ? { low, high } : full, full };
}

function range(slices: readonly Int16Array[]): WindowRange | null {
  let [low, high] = [Infinity, -Infinity];
  for (const values of slices)
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return low <= high ? { low, high } : null;
}

function histogram(slices: readonly Int16Array[], { low, high }: WindowRange): Float64Array {
  const counts = new Float64Array(BINS);
  const perValue = BINS / (high - low + 1e-9);
  for (const values of slices)
    for (const value of values) {
      const bin = Math.min(BINS - 1, Math.floor((value - low) * perValue));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  return counts;
}

/** First bin at which the share of all counts is reached. */
function quantile(counts: Float64Array, share: number): number {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share;
  let sum = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    sum += counts[bin] ?? 0;
    if (sum >= wanted && sum > 0) return bin;
  }
  return counts.length - 1;
}
