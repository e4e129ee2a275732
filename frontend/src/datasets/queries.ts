import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call, usePages } from '../api';
import type { DatasetFile } from '../api';

/** True while a file is still being written. */
export function isBeingWritten(file: DatasetFile): boolean {
  return file.state === 'waiting' || file.state === 'running';
}

/** The snapshots of a project, newest first; watched while a file is being written. */
export function useSnapshots(slug: string) {
  return usePages(
    ['snapshots', slug],
    (cursor) => {
      const query = cursor === undefined ? {} : { cursor };
      return call(api.GET('/api/projects/{slug}/snapshots', { params: { path: { slug }, query } }));
    },
    {
      refetchInterval: (pages) =>
        pages.some((page) => page.results.some(({ files }) => files.some(isBeingWritten))) ? 1_500 : false,
    },
  );
}

/** What is in one snapshot. */
export function useSnapshot(id: number | null) {
  return useQuery({
    queryKey: ['snapshot', id],
    queryFn: () => call(api.GET('/api/snapshots/{id}', { params: { path: { id: id ?? 0 } } })),
    enabled: id !== null,
    staleTime: Infinity,
  });
}

/** Freezes what is approved now. */
export function useFreeze(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(api.POST('/api/projects/{slug}/snapshots', { params: { path: { slug } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['snapshots', slug] }),
  });
}

/** Orders the nnU-Net zip of a snapshot. */
export function useBuildFile(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      call(api.POST('/api/snapshots/{id}/files', { params: { path: { id } }, body: { format: 'nnunet' } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['snapshots', slug] }),
  });
}
