import { vi } from 'vitest';

export interface Answer {
  status?: number;
  body?: unknown;
}

export type Routes = Record<string, Answer | ((request: Request) => Answer | Promise<Answer>)>;

/** Stands in for the server: `{'GET /api/session': {body}}`. Returns the requests it got. An unknown route is a 404. */
export function serve(routes: Routes): Request[] {
  const seen: Request[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push(request.clone());
    const route = routes[`${request.method} ${new URL(request.url).pathname}`];
    const answer = typeof route === 'function' ? await route(request) : route;
    const { status = 200, body } = answer ?? {
      status: 404,
      body: { code: 'not_found', message: 'There is no such thing.', detail: {} },
    };
    const text = body === undefined ? null : JSON.stringify(body);
    return new Response(text, { status, headers: { 'Content-Type': 'application/json' } });
  });
  return seen;
}
