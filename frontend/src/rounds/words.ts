import type { Tone } from '../ui';

const ROUND_STATES: Record<string, [string, Tone]> = {
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

export const STEP_NAMES: Record<string, string> = {
  freeze: 'Freeze',
  train: 'Train',
  score: 'Score',
  promote: 'Promote',
  draft: 'Draft',
};
