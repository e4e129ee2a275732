/** What can be done to labels of many voxels at once; places are voxels (z, y, x) of the block that is worked on. */
import type { Vec3 } from '../grid';
import type { Connectivity } from './components';

export type Axis = 0 | 1 | 2;
export type Smoothing = 'median' | 'gaussian' | 'closing' | 'opening';
export type BooleanOperator = 'union' | 'subtract' | 'intersect';

export type Operation =
  | { kind: 'smooth'; label: number; method: Smoothing; mm: number }
  /** Positive mm grow a label, negative ones shrink it. */
  | { kind: 'margin'; label: number; mm: number }
  | { kind: 'largest-island'; label: number; connectivity: Connectivity }
  | { kind: 'small-islands'; label: number; connectivity: Connectivity; leastMm3: number }
  | { kind: 'picked-island'; label: number; connectivity: Connectivity; seed: Vec3 }
  /** Holes in each slice across an axis, or, with null, in all directions in which the block is thick. */
  | { kind: 'holes'; label: number; axis: Axis | null }
  | { kind: 'interpolate'; label: number; axis: Axis }
  /** One slice across an axis put on another; label null: all labels, background over labels too. */
  | { kind: 'copy'; label: number | null; axis: Axis; from: number; to: number }
  /** The label with another one that was grown by mm; labels do not overlap, so that only a margin makes them meet. */
  | { kind: 'boolean'; operator: BooleanOperator; label: number; other: number; mm: number; into: number }
  | { kind: 'move'; label: number; into: number }
  | { kind: 'swap'; label: number; other: number }
  | { kind: 'clear'; label: number }
  | { kind: 'fill'; label: number; seed: Vec3 }
  | { kind: 'grow'; label: number; seed: Vec3; width: number; radiusMm: number };

/** Why an operation does nothing; a sentence for the one who asked for it. */
export class CannotDoError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotDoError';
  }
}
