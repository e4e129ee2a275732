import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { Revision, Task } from '../api';
import { newestRevision } from './queries';
import type { Saving } from './saving';
import { useSavingState } from './useSaving';

/** The newest revision of a task where it is newer than the one shown, else null. */
export function useNewerRevision({ id, head }: Task, shown: number): Revision | null {
  const isNewer = (head ?? 0) > shown;
  const { data } = useQuery({
    queryKey: ['task', id, 'newest', head],
    queryFn: () => newestRevision(id),
    enabled: isNewer,
  });
  return isNewer ? (data ?? null) : null;
}

/** Tells the saving of a case when somebody else was seen to have saved it; draws nothing. */
export function HeadWatch({ task, saving }: { task: Task; saving: Saving }) {
  const shown = useSavingState(saving, (state) => state.revision);
  const newest = useNewerRevision(task, shown);
  useEffect(() => {
    if (newest) saving.learn(newest.number, newest.author ?? newest.source, newest.created_at);
  }, [saving, newest]);
  return null;
}
