import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { api, call } from '../../api';
import type { Task } from '../../api';
import { toast } from '../../ui';
import type { Desk } from '../desk';
import { isOutside } from './outside';

/** Brings to the desk which slices a task asks for, and how unsure the model was of each, where the server tells. */
export function useTaskOnStrip(desk: Desk | null, { id, slices }: Task): void {
  const { data } = useQuery({
    queryKey: ['task', id, 'doubt'],
    queryFn: () => call(api.GET('/api/tasks/{id}/doubt', { params: { path: { id } } })),
    staleTime: Infinity,
  });
  const doubt = data?.slices ?? null;
  useEffect(() => desk?.store.setState({ doubt, asked: slices }), [desk, doubt, slices]);
  useEffect(() => (desk === null ? undefined : tellOnceOutside(desk)), [desk]);
}

/** Say, the first time, that somebody draws on a slice that is not asked for. Returns the way to stop. */
function tellOnceOutside(desk: Desk): () => void {
  const stop = desk.onTouched((slices) => {
    if (!isOutside(slices, desk.state.asked)) return;
    stop();
    toast.info('This slice is not asked for.', 'You may draw on it; training leaves it out.');
  });
  return stop;
}
