/** Masks to and from the server. */
import { api, ApiError, apiFetch, call } from '../api';
import type { Outcome, Payload, Slices } from './saveStates';
import { gzip, packBundle, unpackBundle } from './bmm';

export interface ReadMask {
  /** Number of the revision, 0 where nothing was drawn yet. */
  revision: number;
  slices: Slices;
}

/** A revision's mask, the newest by default. sliceSize: pixels of a slice. */
export async function readMask(taskId: number, sliceSize: number, revision?: number): Promise<ReadMask> {
  const query = revision === undefined ? '' : `?revision=${revision}`;
  const answer = await apiFetch(`/api/tasks/${taskId}/mask${query}`, { cache: 'no-cache' });
  const slices = unpackBundle(new Uint8Array(await answer.arrayBuffer()), sliceSize);
  return { revision: revision ?? revisionOf(answer), slices };
}

/** Save changed slices; every way in which that can end is an outcome. userId: the one who drew them. */
export async function saveMask(taskId: number, userId: number, payload: Payload): Promise<Outcome> {
  try {
    const answer = await apiFetch(`/api/tasks/${taskId}/mask`, {
      method: 'PATCH',
      body: await gzip(packBundle(payload.slices)),
      headers: saveHeaders(payload),
    });
    return { kind: 'saved', revision: revisionOf(answer) };
  } catch (error) {
    if (!(error instanceof ApiError)) return { kind: 'unreachable' };
    return error.status === 403 || error.status === 404
      ? await outcomeForWhom(userId, error)
      : outcomeOf(error);
  }
}

export function saveHeaders({ base, key, accepted = null }: Payload): Record<string, string> {
  const headers = { 'Content-Type': 'application/x-bmm', 'If-Match': `"${base}"`, 'Idempotency-Key': key };
  return accepted === null ? headers : { ...headers, 'Proposal-Accepted': accepted };
}

/** Tabs share one session: what is not allowed may be so because somebody else signed in meanwhile. */
async function outcomeForWhom(userId: number, error: ApiError): Promise<Outcome> {
  try {
    const { user } = await call(api.GET('/api/session'));
    return user.id === userId ? outcomeOf(error) : { kind: 'signed-out', as: user.display_name };
  } catch {
    return { kind: 'unreachable' };
  }
}

const TRY_AGAIN = new Set([0, 408, 425, 429]);

/** What a refusal means to the one who saves. */
export function outcomeOf({ status, message, detail }: ApiError): Outcome {
  if (status === 401) return { kind: 'signed-out' };
  if (status === 412) {
    return {
      kind: 'conflict',
      head: typeof detail.head === 'number' ? detail.head : null,
      by: typeof detail.by === 'string' ? detail.by : null,
      at: typeof detail.at === 'string' ? detail.at : null,
    };
  }
  if (TRY_AGAIN.has(status) || status >= 500) return { kind: 'unreachable' };
  return { kind: 'refused', message };
}

function revisionOf(answer: Response): number {
  const number = /\d+/.exec(answer.headers.get('ETag') ?? '')?.[0];
  if (number === undefined)
    throw new ApiError(answer.status, 'unexpected', 'The server did not name the revision.');
  return Number(number);
}
