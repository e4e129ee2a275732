import type { Remark } from '../../api';
import type { Desk } from '../desk';
import type { SliceFacts } from './slices';

interface Known {
  /** Changes whenever slices were counted again. */
  labelsBySlice: readonly unknown[];
  doubt: readonly number[] | null;
  /** Slices that the task asks for, null for all of them. */
  asked: readonly number[] | null;
  remarks: readonly Remark[];
}

/** What is known of every stored slice; none before the mask is there. */
export function factsOf(desk: Desk, { labelsBySlice, doubt, asked, remarks }: Known): SliceFacts[] {
  const wanted = asked === null ? null : new Set(asked);
  return labelsBySlice.map((_, z) => ({
    counts: desk.edits.countsIn(z),
    doubt: doubt?.[z] ?? null,
    asked: wanted === null || wanted.has(z),
    remarks: remarks.filter((remark) => remark.z === z).map(({ text }) => text),
  }));
}

/** The same from the state of the desk as it is now. */
export function factsNow(desk: Desk): SliceFacts[] {
  const { labelsBySlice, doubt, asked } = desk.state;
  return factsOf(desk, { labelsBySlice, doubt, asked, remarks: [] });
}
