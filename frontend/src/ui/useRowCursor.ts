import { useState } from 'react';

import { useKeys } from './useKeys';

/** A cursor over `count` rows: j, k and the arrow keys walk, Enter opens. Undefined until it is first moved. */
export function useRowCursor(count: number, open: (index: number) => void): number | undefined {
  const [wanted, setWanted] = useState<number | undefined>(undefined);
  const current = wanted === undefined || count === 0 ? undefined : Math.min(wanted, count - 1);
  const walk = (step: 1 | -1) => {
    if (count === 0) return;
    if (current === undefined) setWanted(step === 1 ? 0 : count - 1);
    else setWanted(Math.min(count - 1, Math.max(0, current + step)));
  };
  const enter = () => {
    if (current !== undefined) open(current);
  };
  useKeys({
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    Enter: enter,
  });
  return current;
}
