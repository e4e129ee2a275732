/** What may be painted over: one set of rules for strokes, operations and proposals. */

export interface PaintRules {
  /** Labels that neither gain nor lose a voxel; 0 among them keeps the background as it is. */
  locked: ReadonlySet<number>;
  /** What a label may be painted over. Erasing is not held back by it. */
  over: 'everything' | 'unlabelled';
  /** Only voxels of this label change; null: of any. */
  inside: number | null;
  /** Only voxels whose stored intensity lies in this range change, its ends among them; null: of any intensity. */
  range: IntensityRange | null;
}

export interface IntensityRange {
  low: number;
  high: number;
}

export const NO_RULES: PaintRules = { locked: new Set(), over: 'everything', inside: null, range: null };

/**
 * Whether a voxel may turn from one label into another.
 *
 * intensity: stored value of the source shown, null where it has not arrived; then a range lets nothing change.
 */
export function mayPaint(from: number, to: number, intensity: number | null, rules: PaintRules): boolean {
  const { locked, over, inside, range } = rules;
  if (from === to || locked.has(from) || locked.has(to)) return false;
  if (over === 'unlabelled' && from !== 0 && to !== 0) return false;
  if (inside !== null && from !== inside) return false;
  return range === null || (intensity !== null && intensity >= range.low && intensity <= range.high);
}

/**
 * Labels `after`, put back to `before` wherever the rules forbid the change; all of one slice, (Y·X,).
 *
 * Raises RangeError where the sizes differ.
 */
export function masked(
  before: Uint8Array,
  after: Uint8Array,
  intensities: ArrayLike<number> | null,
  rules: PaintRules,
): Uint8Array {
  checkSizes(before.length, after.length, intensities?.length ?? before.length);
  const allowed = changes(rules);
  const result = new Uint8Array(before);
  for (let i = 0; i < result.length; i += 1) {
    const to = after[i] ?? 0;
    if (allowed[((before[i] ?? 0) << 8) | to] === 0) continue;
    if (rules.range && !(intensities && within(intensities[i], rules.range))) continue;
    result[i] = to;
  }
  return result;
}

/** Whether a label may turn into another, ranges aside, at [from · 256 + to]; 1 or 0. */
export function changes(rules: PaintRules): Uint8Array {
  const anywhere = { ...rules, range: null };
  return Uint8Array.from({ length: 65536 }, (_, i) => Number(mayPaint(i >> 8, i & 255, null, anywhere)));
}

const within = (value: number | undefined, { low, high }: IntensityRange): boolean =>
  value !== undefined && value >= low && value <= high;

function checkSizes(...sizes: number[]): void {
  if (new Set(sizes).size > 1)
    throw new RangeError(`need slices of one size, got ${sizes.join(', ')} voxels`);
}
