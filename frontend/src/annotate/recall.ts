import { PLANES } from '../viewer';
import type { Desk, DeskState } from './desk';

/** Take a desk to where another one of the same volume was; brush and layout it knows from the preferences. */
export async function recall(desk: Desk, before: DeskState): Promise<void> {
  before.hidden.forEach((label) => {
    desk.toggleVisible(label);
  });
  before.locked.forEach((label) => {
    desk.toggleLocked(label);
  });
  desk.selectLabel(before.label);
  for (const plane of PLANES) desk.setSlice(before.slices[plane], plane);
  if (before.phase !== desk.state.phase) await desk.setPhase(before.phase);
}
