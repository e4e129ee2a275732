import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call, usePages } from '../api';
import type { Wish } from '../api';

/** How the next batch can be chosen, and what of the waiting cases is known. */
export function useStrategies(slug: string) {
  return useQuery({
    queryKey: ['strategies', slug],
    queryFn: () => call(api.GET('/api/projects/{slug}/strategies', { params: { path: { slug } } })),
  });
}

/** Batches of a project, newest first. */
export function useBatches(slug: string) {
  return usePages(['batches', slug], (cursor) => {
    const query = cursor === undefined ? {} : { cursor };
    return call(api.GET('/api/projects/{slug}/batches', { params: { path: { slug }, query } }));
  });
}

/** What a wish would give; nothing is stored. */
export function usePreview(slug: string) {
  return useMutation({
    mutationFn: (body: Wish) =>
      call(api.POST('/api/projects/{slug}/batches/preview', { params: { path: { slug } }, body })),
  });
}

/** Puts a batch in front of all that waits. */
export function useStartBatch(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Wish) =>
      call(api.POST('/api/projects/{slug}/batches', { params: { path: { slug } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['batches', slug] }),
  });
}
