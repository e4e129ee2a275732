import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call, usePages } from '../api';

export type TaskView = 'mine' | 'open' | 'all' | 'review';

const FILTERS: Record<TaskView, { mine?: boolean; review?: boolean; state?: 'open' }> = {
  mine: { mine: true },
  open: { state: 'open' },
  all: {},
  review: { review: true },
};

/** How many tasks stand where. */
export function useTaskCounts(slug: string) {
  return useQuery({
    queryKey: ['tasks', slug, 'counts'],
    queryFn: () => call(api.GET('/api/projects/{slug}/tasks/counts', { params: { path: { slug } } })),
    refetchInterval: 30_000,
  });
}

/** The tasks of a view, oldest first, page by page. */
export function useTasks(slug: string, view: TaskView) {
  return usePages(['tasks', slug, view], (cursor) => {
    const query = { ...FILTERS[view], ...(cursor === undefined ? {} : { cursor }) };
    return call(api.GET('/api/projects/{slug}/tasks', { params: { path: { slug }, query } }));
  });
}

/** Claims the next case that waits. */
export function useNextTask(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(api.POST('/api/projects/{slug}/tasks/next', { params: { path: { slug } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['tasks', slug] }),
  });
}
