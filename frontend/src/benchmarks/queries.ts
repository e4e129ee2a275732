import { useQuery } from '@tanstack/react-query';

import { api, call } from '../api';

/** The locked benchmark: its patients, and how many are approved. */
export function useBenchmark(slug: string) {
  return useQuery({
    queryKey: ['benchmark', slug],
    queryFn: () => call(api.GET('/api/projects/{slug}/benchmark', { params: { path: { slug } } })),
  });
}

/** Every model's scores on the benchmark, newest first. */
export function useEvaluations(slug: string) {
  return useQuery({
    queryKey: ['evaluations', slug],
    queryFn: () => call(api.GET('/api/projects/{slug}/evaluations', { params: { path: { slug } } })),
  });
}

/** Every measure of one model, with its intervals; a score never changes. */
export function useModelCard(slug: string, model: number) {
  return useQuery({
    queryKey: ['model-card', slug, model],
    queryFn: () =>
      call(api.GET('/api/projects/{slug}/models/{model}/card', { params: { path: { slug, model } } })),
    staleTime: Infinity,
  });
}
