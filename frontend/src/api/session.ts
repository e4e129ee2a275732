import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Query } from '@tanstack/react-query';

import { api, call, csrfToken } from './client';
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

interface Credentials {
  username: string;
  password: string;
}

/** Where the cookies were cleared, the token against forged requests went with them; asking for the session sets it. */
async function signIn(body: Credentials): Promise<Session> {
  if (csrfToken() === '') await readSession();
  return call(api.POST('/api/session', { body }));
}

/** All that was loaded, except who is signed in. That query stays, because the screen listens to it. */
const LOADED = { predicate: ({ queryKey }: Query) => queryKey[0] !== SESSION_KEY[0] };

/** Signs in; the page that was open goes on where it stopped. Another user's page is loaded anew. */
export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: signIn,
    onSuccess: async (session) => {
      const before = queries.getQueryData<Session | null>(SESSION_KEY);
      const isAnother = before !== undefined && before !== null && before.user.id !== session.user.id;
      queries.setQueryData(SESSION_KEY, session);
      useSignedOut.getState().restore();
      await (isAnother ? queries.resetQueries(LOADED) : queries.invalidateQueries(LOADED));
    },
  });
}

/** Signs out and forgets everything that was loaded. */
export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => call(api.DELETE('/api/session')),
    onSuccess: () => {
      queries.setQueryData(SESSION_KEY, null);
      queries.removeQueries(LOADED);
    },
  });
}
