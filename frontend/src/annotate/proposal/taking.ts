/** Taking parts of the draft, by key or by button. */
import { toast } from '../../ui';
import type { Desk } from '../desk';
import type { Cells } from './cells';
import { isWaiting, type Part } from './proposal';

const EVERYTHING: Part = { labels: null, slices: null };

export async function takePart(desk: Desk, part: Part, name: string): Promise<void> {
  const { proposal } = desk.state;
  if (!proposal?.slices || proposal.busy) return;
  if (!(await desk.draft.take(part, name))) {
    toast.info('Nothing changed.', 'The mask holds this part already, or its labels are locked or hidden.');
  }
}

export const takeAll = (desk: Desk): Promise<void> => takePart(desk, EVERYTHING, 'all');

/** The slice that is shown in the plane of stored slices. */
export const takeSlice = (desk: Desk): Promise<void> => {
  const z = desk.viewer.slice(desk.viewer.mainPlane);
  return takePart(desk, { labels: null, slices: new Set([z]) }, `slice ${z + 1}`);
};

/** Keys of the draft. */
export function draftCommands(desk: Desk) {
  return {
    draft: () => desk.draft.toggle(),
    'take-draft': () => {
      const { proposal } = desk.state;
      if (proposal && isWaiting(proposal)) void takeAll(desk);
    },
    'take-slice': () => void takeSlice(desk),
  };
}

/** How much of some cells is taken. */
export function share(taken: Cells, value: number, slices: ReadonlySet<number>): 'none' | 'some' | 'all' {
  const held = taken.get(value);
  const count = [...slices].filter((z) => held?.has(z)).length;
  if (count === 0) return 'none';
  return count === slices.size ? 'all' : 'some';
}
