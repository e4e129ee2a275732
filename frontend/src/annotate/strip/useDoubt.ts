import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, call } from '../../api';
import type { Desk } from '../desk';

/** Brings the doubt of the model that drafted a task to the desk; none is shown where the server gives none. */
export function useDoubt(desk: Desk | null, taskId: number): void {
  const { data } = useQuery({
    queryKey: ['task', taskId, 'doubt'],
    queryFn: () => call(api.GET('/api/tasks/{id}/doubt', { params: { path: { id: taskId } } })),
    staleTime: Infinity,
  });
  const slices = data?.slices ?? null;
  useEffect(() => desk?.store.setState({ doubt: slices }), [desk, slices]);
}
