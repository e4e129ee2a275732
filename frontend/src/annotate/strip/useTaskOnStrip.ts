import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, call } from '../../api';
import type { Task } from '../../api';
import type { Desk } from '../desk';

/** Brings to the desk which slices a task asks for, and how unsure the model was of each, where the server tells. */
export function useTaskOnStrip(desk: Desk | null, { id, slices }: Task): void {
  const { data } = useQuery({
    queryKey: ['task', id, 'doubt'],
    queryFn: () => call(api.GET('/api/tasks/{id}/doubt', { params: { path: { id } } })),
    staleTime: Infinity,
  });
  const doubt = data?.slices ?? null;
  useEffect(() => desk?.store.setState({ doubt, asked: slices }), [desk, doubt, slices]);
}
