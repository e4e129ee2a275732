/** Masks to and from the server. */
import { ApiError, apiFetch } from '../api';
import type { Outcome, Payload, Slices } from './autosave';
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

/** Save changed slices; every way in which that can end is an outcome. */
export async function saveMask(taskId: number, payload: Payload): Promise<Outcome> {
  try {
    const answer = await apiFetch(`/api/tasks/${taskId}/mask`, {
      method: 'PATCH',
      body: await gzip(packBundle(payload.slices)),
      headers: {
        'Content-Type': 'application/x-bmm',
        'If-Match': `"${payload.base}"`,
        'Idempotency-Key': payload.key,
      },
    });
    return { kind: 'saved', revision: revisionOf(answer) };
  } catch (error) {
    if (error instanceof ApiError) return outcomeOf(error);
    throw error;
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
