import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { api, call } from './client';
import { ApiError } from './errors';
import { useSignedOut } from './signedOut';
import type { Project, Session } from './types';

export const SESSION_KEY = ['session'] as const;

async function readSession(): Promise<Session | null> {
  try {
    return await call(api.GET('/api/session'));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null when nobody is. */
export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: Infinity });
}

/** A project of the session by its slug, with its labels and what the user may do there. */
export function useProject(slug: string | undefined): Project | undefined {
  return useSession().data?.projects.find((project) => project.slug === slug);
}

/** Signs in; the page that was open goes on where it stopped. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { username: string; password: string }) => call(api.POST('/api/session', { body })),
    onSuccess: async (session) => {
      const before = queries.getQueryData<Session | null>(SESSION_KEY);
      if (before && before.user.id !== session.user.id) queries.clear();
      queries.setQueryData(SESSION_KEY, session);
      useSignedOut.getState().restore();
      await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SESSION_KEY[0] });
    },
  });
}

/** Signs out and forgets everything that was loaded. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(api.DELETE('/api/session')),
    onSuccess: () => {
      queries.clear();
      queries.setQueryData(SESSION_KEY, null);
    },
  });
}
