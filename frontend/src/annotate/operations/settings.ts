/** What a person chose for the operations. */
import type { BooleanOperator, Smoothing } from '../../viewer';

export const EFFECTS = [
  'grow',
  'fill',
  'interpolate',
  'copy',
  'smooth',
  'margin',
  'islands',
  'holes',
  'combine',
  'move',
  'clear',
] as const;
export type Effect = (typeof EFFECTS)[number];

/** The slice that is looked at, or everything. */
export type Scope = 'slice' | 'volume';

export interface Settings {
  effect: Effect;
  scope: Scope;
  smoothing: Smoothing;
  smoothingMm: number;
  marginMm: number;
  islands: 'largest' | 'small' | 'pick';
  leastMm3: number;
  connectivity: 6 | 26;
  /** Holes of a volume: in every slice by itself, or in all directions. */
  holes: 'slices' | 'volume';
  copyAll: boolean;
  operator: BooleanOperator;
  /** The second label of combining, moving and swapping; null until one is chosen. */
  other: number | null;
  combineMm: number;
  growOn: 'shown' | 'subtraction';
  growMm: number;
}

export const FIRST_SETTINGS: Settings = {
  effect: 'grow',
  scope: 'volume',
  smoothing: 'median',
  smoothingMm: 2,
  marginMm: 2,
  islands: 'largest',
  leastMm3: 30,
  connectivity: 26,
  holes: 'volume',
  copyAll: false,
  operator: 'union',
  other: null,
  combineMm: 0,
  growOn: 'shown',
  growMm: 30,
};
