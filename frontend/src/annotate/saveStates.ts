/** What can become of a save, in values and in words. */

export type Slices = Map<number, Uint8Array<ArrayBuffer>>;

/** The answer of the server, or the lack of one, to a save. */
export type Outcome =
  | { kind: 'saved'; revision: number }
  | Conflict
  | SignedOut
  | { kind: 'unreachable' }
  | { kind: 'refused'; message: string };

/** The server is at another revision than the one drawn on. */
export interface Conflict {
  kind: 'conflict';
  head: number | null;
  by: string | null;
  /** When that revision was saved, as ISO 8601. */
  at: string | null;
}

/** Nobody is signed in, or (`as`) somebody else than the one who draws. */
export interface SignedOut {
  kind: 'signed-out';
  as?: string;
}

export interface Payload {
  /** Revision that the slices change. */
  base: number;
  key: string;
  slices: Slices;
  /** Parts of the model's draft that are in the mask; null where there is no draft. */
  accepted?: string | null;
}

export type SaveState =
  | { kind: 'saved' }
  | { kind: 'dirty' }
  | { kind: 'saving' }
  | { kind: 'offline'; attempts: number; retryAt: number }
  | SignedOut
  | Conflict
  | { kind: 'refused'; message: string };

/** The strokes could not be saved now; the message says why. */
export class NotSavedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotSavedError';
  }
}

/** What a state means to the person who draws. */
export function sentence(state: SaveState): string {
  switch (state.kind) {
    case 'saved':
      return 'Everything is saved.';
    case 'dirty':
    case 'saving':
      return 'The last strokes are on their way.';
    case 'offline':
      return 'The server cannot be reached. The strokes are kept in this browser and sent as soon as it answers.';
    case 'signed-out':
      return state.as === undefined
        ? 'You were signed out. Sign in again; the strokes are kept in this browser.'
        : `This browser is now signed in as ${state.as}. Sign in as yourself again; the strokes are kept here.`;
    case 'conflict':
      return `${state.by ?? 'Somebody else'} saved this case meanwhile. Your strokes are kept in this browser.`;
    case 'refused':
      return state.message;
  }
}
