import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, apiFetch, call, usePages } from '../api';
import type { Round, RunProgress } from '../api';
import type { components } from '../api/schema';
import type { Input } from './bringing';

export type PresetName = components['schemas']['PresetEnum'];

const LIVE_MS = 2_000;
const QUIET_MS = 15_000;
const ENDS: readonly string[] = ['done', 'held', 'failed', 'cancelled'];

/** True until a round has come to an end. */
export function isLive(round: Round): boolean {
  return !ENDS.includes(round.state);
}

/** The rounds of a project, newest first; a live one is watched. */
export function useRounds(slug: string) {
  return usePages(
    ['rounds', slug],
    (cursor) => {
      const query = cursor === undefined ? {} : { cursor };
      return call(api.GET('/api/projects/{slug}/rounds', { params: { path: { slug }, query } }));
    },
    { refetchInterval: (pages) => (pages.some((page) => page.results.some(isLive)) ? LIVE_MS : QUIET_MS) },
  );
}

/** One round, watched while it lives. */
export function useRound(id: number) {
  return useQuery({
    queryKey: ['round', id],
    queryFn: () => call(api.GET('/api/rounds/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data !== undefined && isLive(state.data) ? LIVE_MS : false),
  });
}

/** Progress lines of a round's training so far; each poll asks only for what is new. */
export function useProgress(round: Round) {
  const queries = useQueryClient();
  const queryKey = ['progress', round.id];
  return useQuery({
    queryKey,
    queryFn: async () => {
      const known = queries.getQueryData<RunProgress[]>(queryKey) ?? [];
      const after = known.at(-1)?.id;
      const query = after === undefined ? {} : { after };
      const fresh = await call(
        api.GET('/api/rounds/{id}/progress', { params: { path: { id: round.id }, query } }),
      );
      return [...known, ...fresh];
    },
    refetchInterval: round.state === 'training' ? LIVE_MS : false,
  });
}

/** The models of a project, newest first. */
export function useModels(slug: string) {
  return useQuery({
    queryKey: ['models', slug],
    queryFn: () => call(api.GET('/api/projects/{slug}/models', { params: { path: { slug } } })),
    refetchInterval: QUIET_MS,
  });
}

/** The end of a run's log, as text; read again every few seconds while the run goes on. */
export function useRunLog(runId: number, live: boolean) {
  return useQuery({
    queryKey: ['run-log', runId],
    queryFn: async () => (await apiFetch(`/api/runs/${runId}/log`)).text(),
    refetchInterval: live ? 2 * LIVE_MS : false,
  });
}

function useRoundChange<Variables>(slug: string, change: (variables: Variables) => Promise<Round>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (round) => queries.setQueryData(['round', round.id], round),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['rounds', slug] });
      await queries.invalidateQueries({ queryKey: ['progress'] });
    },
  });
}

/** Freezes what is approved and starts a round with it. */
export function useStartRound(slug: string) {
  return useRoundChange(slug, (preset: PresetName) =>
    call(api.POST('/api/projects/{slug}/rounds', { params: { path: { slug } }, body: { preset } })),
  );
}

export type ModelChange = 'promote' | 'retire';

/** Promotes or retires a model by hand. */
export function useModelChange(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ model, change, reason }: { model: number; change: ModelChange; reason: string }) => {
      const options = { params: { path: { slug, model } }, body: { reason } };
      return call(
        change === 'promote'
          ? api.POST('/api/projects/{slug}/models/{model}/promote', options)
          : api.POST('/api/projects/{slug}/models/{model}/retire', options),
      );
    },
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ['models', slug] });
      await queries.invalidateQueries({ queryKey: ['rounds', slug] });
    },
  });
}

interface Brought {
  file: File;
  hash: string;
  channels: readonly Input[];
  labels: Readonly<Record<string, string>>;
}

/** Sends a model that was trained elsewhere; a round takes it in. */
export function useBringModel(slug: string) {
  return useRoundChange(slug, async ({ file, hash, channels, labels }: Brought) => {
    const body = new FormData();
    body.set('file', file);
    if (hash !== '') body.set('archive_sha256', hash);
    body.set('channels', JSON.stringify(channels));
    body.set('labels', JSON.stringify(labels));
    const answer = await apiFetch(`/api/projects/${slug}/models/import`, { method: 'POST', body });
    return (await answer.json()) as Round;
  });
}

/** Stops a round; its run ends within seconds. */
export function useCancelRound(slug: string) {
  return useRoundChange(slug, (id: number) =>
    call(api.POST('/api/rounds/{id}/cancel', { params: { path: { id } } })),
  );
}

/** Tries a failed round again from where it stopped. */
export function useRetryRound(slug: string) {
  return useRoundChange(slug, (id: number) =>
    call(api.POST('/api/rounds/{id}/retry', { params: { path: { id } } })),
  );
}
