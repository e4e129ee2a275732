import { useEffect, useState } from 'react';

import { CaseLock, type TabState } from './caseLock';

export interface OpenedLock {
  tab: TabState;
  takeOver: () => void;
}

const NOT_ASKED = { tab: 'asking' as TabState, takeOver: () => undefined };

/** Whether this tab is the one that draws in a case. save: called before another tab takes over. */
export function useCaseLock(taskId: number, wanted: boolean, save: () => Promise<unknown>): OpenedLock {
  const [opened, setOpened] = useState<OpenedLock>(NOT_ASKED);
  useEffect(() => {
    if (!wanted) return undefined;
    const lock = new CaseLock(taskId, save);
    const tell = ({ tab }: { tab: TabState }): void => setOpened({ tab, takeOver: () => lock.takeOver() });
    const stop = lock.store.subscribe(tell);
    tell(lock.store.getState());
    return () => {
      stop();
      lock.close();
      setOpened(NOT_ASKED);
    };
  }, [taskId, wanted, save]);
  return opened;
}
