import createClient from 'openapi-fetch';

import { ApiError, readError } from './errors';
import type { paths } from './schema';
import { useSignedOut } from './signedOut';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Django's token against forged requests, from its cookie. */
export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

/** One request: the token added, no answer and refusals thrown as ApiError, a lost session told to the page. */
async function send(request: Request): Promise<Response> {
  if (!SAFE_METHODS.has(request.method)) request.headers.set('X-CSRFToken', csrfToken());
  let response: Response;
  try {
    response = await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiError(0, 'offline', 'The server cannot be reached.');
  }
  if (response.ok || response.status === 304) return response;
  const isSession = new URL(request.url).pathname === '/api/session';
  if (response.status === 401 && !isSession) useSignedOut.getState().expire();
  throw await readError(response);
}

/** The typed API. Refusals are thrown; take the answer with `call`. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

/** The answer of a typed request: `await call(api.GET(...))`. */
export async function call<Answer>(request: Promise<{ data?: Answer; response: Response }>): Promise<Answer> {
  const { data } = await request;
  return data as Answer;
}

/** A request that is not JSON: pixels, masks, logs. Throws ApiError unless the answer is ok or 304. */
export function apiFetch(path: string, init: RequestInit = {}): Promise<Response> {
  return send(new Request(new URL(path, window.location.origin), init));
}
