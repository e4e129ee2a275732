import type { Desk } from '../desk';
import { factsNow } from './facts';
import { doubtful, following, waiting } from './slices';

/** Keys that lead along the strip. */
export function stripCommands(desk: Desk) {
  const go = (stops: readonly number[], steps: 1 | -1): void => {
    const slice = following(stops, desk.viewer.slice(desk.viewer.mainPlane), steps);
    if (slice !== null) desk.setSlice(slice);
  };
  const doubts = (): number[] => doubtful(desk.state.doubt ?? []);
  return {
    'next-doubt': () => go(doubts(), 1),
    'previous-doubt': () => go(doubts(), -1),
    'next-waiting': () => go(waiting(factsNow(desk)), 1),
    'previous-waiting': () => go(waiting(factsNow(desk)), -1),
  };
}
