import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call, usePages } from '../api';
import type { ImportRun, PartitionName } from '../api';
import { giveUp } from './carrying';

/** The patients of a project, newest first. */
export function usePatients(slug: string, partition: PartitionName | null) {
  return usePages(['patients', slug, partition], (cursor) => {
    const query = {
      ...(partition === null ? {} : { partition }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    return call(api.GET('/api/projects/{slug}/patients', { params: { path: { slug }, query } }));
  });
}

/** One patient with studies, series and volumes. */
export function usePatient(id: number) {
  return useQuery({
    queryKey: ['patient', id],
    queryFn: () => call(api.GET('/api/patients/{patient_id}', { params: { path: { patient_id: id } } })),
  });
}

/** Puts patients on one side of the wall, one after the other. It cannot be undone. */
export function useAssignPartition(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ ids, partition }: { ids: readonly number[]; partition: PartitionName }) => {
      for (const id of ids) {
        const params = { path: { patient_id: id } };
        await call(api.POST('/api/patients/{patient_id}/partition', { params, body: { partition } }));
      }
      return ids.length;
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['patients', slug] });
      await queries.invalidateQueries({ queryKey: ['patient'] });
      await queries.invalidateQueries({ queryKey: ['tasks', slug] });
    },
  });
}

/** True while files of an import have not arrived. */
export function lacksFiles(run: ImportRun): boolean {
  return run.state === 'waiting' && run.upload !== null && run.upload.received < run.upload.total;
}

/** True while an import may still say something new by itself. */
export function isUnderWay(run: ImportRun): boolean {
  return (run.state === 'waiting' && !lacksFiles(run)) || run.state === 'running';
}

/** Lets an import end before its last study. */
export function useCancelImport(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: number) =>
      call(api.POST('/api/imports/{import_id}/cancel', { params: { path: { import_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports', slug] }),
  });
}

/** The studies in quarantine, newest first. */
export function useHeldStudies(slug: string) {
  return usePages(
    ['held', slug],
    (cursor) => {
      const query = { state: 'held' as const, ...(cursor === undefined ? {} : { cursor }) };
      return call(api.GET('/api/projects/{slug}/held-studies', { params: { path: { slug }, query } }));
    },
    { refetchInterval: () => 15_000 },
  );
}

/** Tries a held study again, or drops it for good. */
export function useResolveHeld(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, how }: { id: number; how: 'retry' | 'drop' }) => {
      const params = { path: { held_id: id } };
      if (how === 'retry') await call(api.POST('/api/held-studies/{held_id}/retry', { params }));
      else await call(api.DELETE('/api/held-studies/{held_id}', { params }));
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['held', slug] });
      await queries.invalidateQueries({ queryKey: ['imports', slug] });
    },
  });
}

/** Gives up an upload that somebody began. */
export function useGiveUp(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: giveUp,
    onSettled: () => queries.invalidateQueries({ queryKey: ['imports', slug] }),
  });
}

/** The imports of a project, newest first; asked again while one is under way. */
export function useImports(slug: string) {
  const list = usePages(
    ['imports', slug],
    (cursor) => {
      const query = cursor === undefined ? {} : { cursor };
      return call(api.GET('/api/projects/{slug}/imports', { params: { path: { slug }, query } }));
    },
    { refetchInterval: (pages) => (pages.some((page) => page.results.some(isUnderWay)) ? 1_500 : 15_000) },
  );
  return list;
}
