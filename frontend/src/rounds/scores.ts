import type { Label } from '../api';

/** Mean Dice by label name. */
export type Scores = Record<string, number | null>;

/** Mean Dice of a label; null where the benchmark has none of it. */
export function scoreOf(scores: Scores | null | undefined, label: Label): number | null {
  return scores?.[label.name] ?? null;
}

/** Mean over the labels that have a score; null when none has. */
export function meanScore(scores: Scores | null | undefined): number | null {
  const known = Object.values(scores ?? {}).filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Change against an earlier score; null where either is missing. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before;
}

/** A change with its sign and three decimals; less than half a thousandth is none. */
export function signed(value: number): string {
  if (Math.abs(value) < 0.0005) return '±0.000';
  return `${value > 0 ? '+' : '−'}${Math.abs(value).toFixed(3)}`;
}
