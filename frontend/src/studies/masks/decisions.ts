import type { FoundMaskDetail, Label, MaskDecision, Segment } from '../../api';

/** Label by segment number; 0 leaves the segment out. A segment that is not in it is not decided. */
export type Decisions = ReadonlyMap<number, number>;

export type Overlap = FoundMaskDetail['overlaps'][number];

/** What to begin with: what was decided before, else what fits for certain. */
export function firstDecisions(segments: readonly Segment[]): Decisions {
  const decided = new Map<number, number>();
  for (const { number, label, suggestion } of segments) {
    const value = label ?? suggestion?.label;
    if (value !== undefined) decided.set(number, value);
  }
  return decided;
}

/** Segments that a person still has to decide on. */
export function undecided(segments: readonly Segment[], decisions: Decisions): Segment[] {
  return segments.filter(({ number }) => !decisions.has(number));
}

/** The same decisions with one more. */
export function decide(decisions: Decisions, segment: number, label: number): Decisions {
  return new Map(decisions).set(segment, label);
}

/** The same decisions with every open segment left out. */
export function leaveOutRest(segments: readonly Segment[], decisions: Decisions): Decisions {
  const next = new Map(decisions);
  for (const { number } of undecided(segments, decisions)) next.set(number, 0);
  return next;
}

/** Labels that would share voxels, in the order of the project's labels. */
export function meetingLabels(
  overlaps: readonly Overlap[],
  decisions: Decisions,
  labels: readonly Label[],
): Label[] {
  const meeting = new Set<number>();
  for (const { segments } of overlaps) {
    const drawn = new Set(segments.map((number) => decisions.get(number) ?? 0));
    drawn.delete(0);
    if (drawn.size > 1) drawn.forEach((label) => meeting.add(label));
  }
  return labels.filter(({ value }) => meeting.has(value));
}

/** Those labels in the order that was chosen, new ones behind. */
export function inOrder(meeting: readonly Label[], order: readonly number[]): Label[] {
  const place = (value: number) => (order.includes(value) ? order.indexOf(value) : order.length);
  return [...meeting].sort((a, b) => place(a.value) - place(b.value));
}

/** A list with one item moved a place up. */
export function movedUp<Item>(items: readonly Item[], index: number): Item[] {
  const next = [...items];
  const [item] = next.splice(index, 1);
  if (item !== undefined) next.splice(Math.max(0, index - 1), 0, item);
  return next;
}

export type Earlier = 'keep' | 'replace';

/** The request that says all of it. */
export function decisionBody(
  decisions: Decisions,
  order: readonly Label[],
  earlier: Earlier | null,
  drawnUnaided: boolean,
): MaskDecision {
  return {
    labels: [...decisions].map(([segment, label]) => ({ segment, label })),
    order: order.map(({ value }) => value),
    earlier,
    drawn_unaided: drawnUnaided,
  };
}
