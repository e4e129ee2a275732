import { QueryClient } from '@tanstack/react-query';

import { ApiError } from '../api';

const RETRIES = 2;

/** Refusals are final; a server that is away or failing is asked again. */
function worthRetrying(failures: number, error: Error): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !refused && failures < RETRIES;
}

/** The cache of what the server said. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, retry: worthRetrying, retryDelay: (n) => 500 * 2 ** n },
      mutations: { retry: false },
    },
  });
}
