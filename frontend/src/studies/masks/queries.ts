import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, apiFetch, call, usePages } from '../../api';
import type { FoundMaskDetail, MaskDecision } from '../../api';

/** The existing masks of a volume, oldest first. */
export function useFoundMasks(slug: string, volumeId: number) {
  return usePages(['found-masks', slug, volumeId], (cursor) => {
    const query = { volume: volumeId, ...(cursor === undefined ? {} : { cursor }) };
    return call(api.GET('/api/projects/{slug}/found-masks', { params: { path: { slug }, query } }));
  });
}

/** One mask with its segments. */
export function useFoundMask(id: number) {
  return useQuery({
    queryKey: ['found-mask', id],
    queryFn: () => call(api.GET('/api/found-masks/{id}', { params: { path: { id } } })),
  });
}

/** Where a segment lies; asked for when somebody wants to know. */
export function useSegmentPlace(id: number, segment: number, wanted: boolean) {
  return useQuery({
    queryKey: ['found-mask', id, 'segment', segment],
    queryFn: () =>
      call(api.GET('/api/found-masks/{id}/segments/{segment}', { params: { path: { id, segment } } })),
    enabled: wanted,
    staleTime: Infinity,
  });
}

function useRefresh(slug: string) {
  const queries = useQueryClient();
  return async (detail?: FoundMaskDetail) => {
    if (detail !== undefined) queries.setQueryData(['found-mask', detail.mask.id], detail);
    await queries.invalidateQueries({ queryKey: ['found-masks', slug] });
    await queries.invalidateQueries({ queryKey: ['found-mask'] });
    await queries.invalidateQueries({ queryKey: ['patient'] });
    await queries.invalidateQueries({ queryKey: ['task'] });
    await queries.invalidateQueries({ queryKey: ['tasks', slug] });
  };
}

/** Draws a mask into its case. */
export function useApplyMask(slug: string, id: number) {
  const refresh = useRefresh(slug);
  return useMutation({
    mutationFn: (body: MaskDecision) =>
      call(api.POST('/api/found-masks/{id}/apply', { params: { path: { id } }, body })),
    onSuccess: refresh,
  });
}

/** Puts a mask aside. */
export function useDiscardMask(slug: string) {
  const refresh = useRefresh(slug);
  return useMutation({
    mutationFn: (id: number) => call(api.POST('/api/found-masks/{id}/discard', { params: { path: { id } } })),
    onSuccess: refresh,
  });
}

/** Adds one file to a volume. */
export function useAddMask(slug: string, volumeId: number) {
  const refresh = useRefresh(slug);
  return useMutation({
    mutationFn: async (file: File) => {
      const body = new FormData();
      body.set('file', file);
      const answer = await apiFetch(`/api/volumes/${volumeId}/found-masks`, { method: 'POST', body });
      return (await answer.json()) as FoundMaskDetail;
    },
    onSuccess: refresh,
  });
}

export type MaskForm = 'nifti' | 'seg';

/** The name that the server gives a file. */
export function fileNameIn(disposition: string | null): string {
  return /filename="([^"]+)"/.exec(disposition ?? '')?.[1] ?? 'mask';
}

/** Fetches a case's mask as a file, so that a refusal can be shown, and hands it to the browser to save. */
export function useTakeOut(taskId: number) {
  return useMutation({
    mutationFn: async (form: MaskForm) => {
      const answer = await apiFetch(`/api/tasks/${taskId}/mask/${form}`);
      const url = URL.createObjectURL(await answer.blob());
      const link = document.createElement('a');
      link.href = url;
      link.download = fileNameIn(answer.headers.get('Content-Disposition'));
      link.click();
      URL.revokeObjectURL(url);
      return link.download;
    },
  });
}
