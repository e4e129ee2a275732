import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call, usePages } from '../api';
import type { Revision, Task } from '../api';
import { cursorOf } from '../api/pages';

const taskKey = (id: number) => ['task', id] as const;
const WATCH_MS = 30_000;

/** A task; while its page is seen it is asked for again and again, so that what others do to it is learnt. */
export function useTask(id: number) {
  return useQuery({
    queryKey: taskKey(id),
    queryFn: () => call(api.GET('/api/tasks/{id}', { params: { path: { id } }, cache: 'no-cache' })), // most often a 304
    refetchInterval: WATCH_MS,
    refetchOnWindowFocus: 'always',
  });
}

/** A volume never changes once imported. */
export function useVolume(id: number | undefined) {
  return useQuery({
    queryKey: ['volume', id],
    queryFn: () => call(api.GET('/api/volumes/{volume_id}', { params: { path: { volume_id: id ?? 0 } } })),
    enabled: id !== undefined,
    staleTime: Infinity,
  });
}

/** All revisions of a task, oldest first; `head` makes a newer list of a newer head. */
export function useRevisions(id: number, head: number | null) {
  return useQuery({ queryKey: [...taskKey(id), 'revisions', head], queryFn: () => readRevisions(id) });
}

/** The history of a task, newest first, page by page; `head` makes a newer list of a newer head. */
export function useHistory(id: number, head: number) {
  return usePages([...taskKey(id), 'history', head], (cursor) => {
    const query = { newest: true, page_size: 20, ...(cursor === undefined ? {} : { cursor }) };
    return call(api.GET('/api/tasks/{id}/revisions', { params: { path: { id }, query } }));
  });
}

/** The newest revision of a task, null where nothing was drawn. */
export async function newestRevision(id: number): Promise<Revision | null> {
  const query = { newest: true, page_size: 1 };
  const page = await call(api.GET('/api/tasks/{id}/revisions', { params: { path: { id }, query } }));
  return page.results[0] ?? null;
}

async function readRevisions(id: number): Promise<Revision[]> {
  const revisions: Revision[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? {} : { cursor };
    const page = await call(api.GET('/api/tasks/{id}/revisions', { params: { path: { id }, query } }));
    revisions.push(...page.results);
    cursor = cursorOf(page.next);
  } while (cursor !== undefined);
  return revisions;
}

/** A move of a task, with what the server needs to know of it. */
export type Move =
  | { action: 'claim' | 'release' }
  | { action: 'submit'; revision: number; accepted: string[] }
  | { action: 'approve'; revision: number }
  | { action: 'return'; revision: number; reason: string; remarks: Pin[] };

export type Pin = { z: number; y: number | null; x: number | null; text: string };

/** Moves a task along; the lists it stands in are read again. */
export function useTaskMove({ id, project }: Task) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (move: Move) => call(send(id, move)),
    onSuccess: (next) => {
      queries.setQueryData(taskKey(id), next);
      return queries.invalidateQueries({ queryKey: ['tasks', project] });
    },
  });
}

function send(id: number, move: Move) {
  const params = { path: { id } };
  switch (move.action) {
    case 'claim':
      return api.POST('/api/tasks/{id}/claim', { params });
    case 'release':
      return api.POST('/api/tasks/{id}/release', { params });
    case 'submit': {
      const { revision, accepted } = move;
      return api.POST('/api/tasks/{id}/submit', { params, body: { revision, accepted } });
    }
    case 'approve':
      return api.POST('/api/tasks/{id}/approve', { params, body: { revision: move.revision } });
    case 'return': {
      const { revision, reason, remarks } = move;
      return api.POST('/api/tasks/{id}/return', { params, body: { revision, reason, remarks } });
    }
  }
}

/** Read a task again, because what the page knows of it is old. */
export function useRefreshTask(id: number): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: taskKey(id) });
}
