import type { Round } from '../api';
import { plural, type Tone } from '../ui';

const ROUND_STATES: Record<string, [string, Tone]> = {
  adopting: ['Taking in', 'info'],
  training: ['Training', 'info'],
  scoring: ['Scoring', 'info'],
  drafting: ['Drafting', 'info'],
  done: ['Done', 'good'],
  held: ['Held', 'warn'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'neutral'],
};

const MODEL_STATES: Record<string, [string, Tone]> = {
  candidate: ['Candidate', 'info'],
  active: ['Active', 'good'],
  held: ['Held', 'warn'],
  retired: ['Retired', 'neutral'],
};

/** A round's state as a word with its tone. */
export function roundState(state: string): [string, Tone] {
  return ROUND_STATES[state] ?? [state, 'neutral'];
}

/** A model's state as a word with its tone. */
export function modelState(state: string): [string, Tone] {
  return MODEL_STATES[state] ?? [state, 'neutral'];
}

/** What a round works with, in one line. */
export function roundFacts({ kind, snapshot, preset, origin, model }: Round): string {
  if (kind === 'adopt') return `a model from ${origin ?? 'elsewhere'}`;
  if (kind === 'draft') return `drafts by model ${model?.number ?? ''}`;
  if (snapshot === null) return `preset ${preset}`;
  return `${plural(snapshot.cases, 'case')} of snapshot ${snapshot.number}, preset ${preset}`;
}

export const STEP_NAMES: Record<string, string> = {
  freeze: 'Freeze',
  train: 'Train',
  adopt: 'Take in',
  score: 'Score',
  promote: 'Promote',
  draft: 'Draft',
};
