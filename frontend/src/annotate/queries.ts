import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call } from '../api';
import type { Task } from '../api';

const taskKey = (id: number) => ['task', id] as const;

export function useTask(id: number) {
  return useQuery({
    queryKey: taskKey(id),
    queryFn: () => call(api.GET('/api/tasks/{id}', { params: { path: { id } } })),
  });
}

/** A volume never changes once imported. */
export function useVolume(id: number | undefined) {
  return useQuery({
    queryKey: ['volume', id],
    queryFn: () => call(api.GET('/api/volumes/{id}', { params: { path: { id: id ?? 0 } } })),
    enabled: id !== undefined,
    staleTime: Infinity,
  });
}

/** Revisions of a task; `head` makes a newer list of a newer head. */
export function useRevisions(id: number, head: number | null) {
  return useQuery({
    queryKey: [...taskKey(id), 'revisions', head],
    queryFn: () => call(api.GET('/api/tasks/{id}/revisions', { params: { path: { id } } })),
  });
}

type Action = 'claim' | 'release' | 'submit' | 'approve' | 'return';

export interface ActionBody {
  revision?: number;
  reason?: string;
  remarks?: { z: number; y?: number | null; x?: number | null; text: string }[];
}

/** Moves a task along; the lists it stands in are read again. */
export function useTaskAction(task: Task) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ action, body = {} }: { action: Action; body?: ActionBody }) =>
      call(api.POST('/api/tasks/{id}/{action}', { params: { path: { id: task.id, action } }, body })),
    onSuccess: (next) => {
      queries.setQueryData(taskKey(task.id), next);
      return queries.invalidateQueries({ queryKey: ['tasks', task.project] });
    },
  });
}

/** Read a task again, because what the page knows of it is old. */
export function useRefreshTask(id: number): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: taskKey(id) });
}
