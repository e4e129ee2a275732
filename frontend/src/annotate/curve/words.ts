/** What the figures of a curve are called, and how each is defined. */
import type { Volume } from '../../api';
import type { Tone } from '../../ui';
import { type CurveType, INITIAL_WITHIN_S, type Kinetics, PLATEAU_PERCENT } from './kinetics';

/** Of the curve that is shown, and of the four that are pinned. */
export const COLOURS = ['#3cc8c4', '#f0bb55', '#74b4ff', '#ff8078', '#c79bff'] as const;

export const TONES: Record<CurveType, Tone> = { persistent: 'info', plateau: 'warn', washout: 'bad' };

const RULE = `The last phase against the initial one; ${PLATEAU_PERCENT} % either way is a plateau (BI-RADS; Kuhl 1999).`;

export const TYPES: Record<CurveType, { name: string; tip: string }> = {
  persistent: { name: 'Persistent', tip: `The signal goes on rising. ${RULE}` },
  plateau: { name: 'Plateau', tip: `The signal stays. ${RULE}` },
  washout: { name: 'Washout', tip: `The signal falls. ${RULE}` },
};

interface Metric {
  id: string;
  title: string;
  tip: string;
  words: (kinetics: Kinetics) => string | null;
}

export const METRICS: readonly Metric[] = [
  {
    id: 'initial',
    title: 'Initial',
    tip: `Highest enhancement within ${INITIAL_WITHIN_S / 60} minutes of the phase before contrast, at least the first phase after it: 100 (S − S₀) / S₀. Slow below 50 %, fast above 100 %.`,
    words: ({ initial, speed }) => joined(signed(initial, ' %'), speed),
  },
  {
    id: 'wash-in',
    title: 'Wash-in',
    tip: 'Initial enhancement for each minute since the phase before contrast.',
    words: ({ washIn }) => signed(washIn, ' %/min'),
  },
  {
    id: 'peak',
    title: 'Peak',
    tip: 'Highest enhancement of all phases, and the seconds from the phase before contrast to it.',
    words: ({ peak, timeToPeak }) =>
      joined(signed(peak, ' %'), timeToPeak === null ? null : `at ${Math.round(timeToPeak)} s`),
  },
  {
    id: 'late',
    title: 'Late change',
    tip: 'Signal of the last phase against that of the initial one: 100 (S last − S initial) / S initial.',
    words: ({ lateChange }) => signed(lateChange, ' %'),
  },
  {
    id: 'ratio',
    title: 'SER',
    tip: 'Signal enhancement ratio: (S initial − S₀) / (S last − S₀). Above 1 the signal falls (Hylton 2012).',
    words: ({ ratio }) => ratio?.toFixed(2) ?? null,
  },
];

/** Why there is no curve of a volume, or null where there is one. */
export function obstacleOf({ phases, is_dce }: Pick<Volume, 'phases' | 'is_dce'>): string | null {
  if (phases.length < 2)
    return 'This volume has one phase. A curve needs pictures from before and after contrast.';
  return is_dce
    ? null
    : 'The phases of this volume are no course over time, so that there is no curve of them.';
}

/** A number with its sign: `+142 %`, `−14 %`. */
export function signed(value: number | null, unit: string): string | null {
  if (value === null) return null;
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Math.round(value * 10) / 10;
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded)}${unit}`;
}

function joined(first: string | null, second: string | null): string | null {
  return first === null ? null : second === null ? first : `${first}, ${second}`;
}
