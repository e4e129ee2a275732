import { api, ApiError, apiFetch, call, explain, useSignedOut } from '../api';
import type { Chosen, UploadFile } from './dropped';
import { Pace } from './pace';
import { Sending } from './sending';
import { FilesChanged, FileStream } from './stream';

export type UploadState =
  | 'listing' // telling the server what will come
  | 'sending'
  | 'waiting' // the connection broke; it is tried again by itself
  | 'paused'
  | 'signed-out'
  | 'stopped' // see `problem`
  | 'sent'
  | 'cancelled';

/** How far an upload is. Bytes count from the beginning of its stream. */
export interface Carried {
  state: UploadState;
  filesDone: number;
  loaded: number;
  /** Bytes that an earlier upload of the same files had brought already. */
  already: number;
  /** Bytes per second. */
  rate: number | null;
  secondsLeft: number | null;
  problem: { title: string; advice: string } | null;
  /** The import that the files are for, once the server knows of it. */
  importId: number | null;
}

export const NOTHING_CARRIED: Carried = {
  ...{ state: 'listing', filesDone: 0, loaded: 0, already: 0, rate: null, secondsLeft: null },
  ...{ problem: null, importId: null },
};

const SHOW_EVERY_MS = 250;
const CANCEL_TRIES = 6;
const STILL = { rate: null, secondsLeft: null };

interface Order {
  slug: string;
  chosen: Chosen;
  partition: string;
  /** Hears what is new of it. */
  tell: (part: Partial<Carried>) => void;
  /** The server knows something new: an upload began, ended or was given up. */
  onChanged: () => void;
}

/** Brings chosen files to the server: tells what will come, sends it, and goes on after whatever came between. */
export class Carrying {
  readonly stream: FileStream;
  readonly #order: Order;
  readonly #pace = new Pace();
  #state: UploadState = 'listing';
  #url: string | null = null;
  #listing: Promise<Sending> | null = null;
  #sending: Sending | null = null;
  #loaded = 0;
  #isShowing = false;
  #hasAskedToSignIn = false;

  constructor(order: Order) {
    this.#order = order;
    this.stream = new FileStream(order.chosen.files);
  }

  get state(): UploadState {
    return this.#state;
  }

  /** Begins, or goes on where the server says. */
  async start(): Promise<void> {
    this.#become(this.#sending === null ? 'listing' : 'sending', { problem: null });
    this.#pace.begin();
    try {
      this.#listing ??= this.#list();
      this.#sending = await this.#listing;
    } catch (error) {
      this.#listing = null;
      this.#stopped(error);
      return;
    }
    await this.#afterList();
  }

  pause(): void {
    this.#sending?.stop();
    this.#become('paused', STILL);
  }

  /** As `start`, when the person is signed in again. One who is still not is not asked over and over. */
  async startSignedIn(): Promise<void> {
    this.#hasAskedToSignIn = true;
    await this.start();
  }

  /** Stops, and removes from the server what is there. */
  async cancel(): Promise<void> {
    this.#sending?.stop();
    this.#become('cancelled', STILL);
    if (this.#url === null) return;
    try {
      await giveUp(this.#url);
      this.#order.onChanged();
    } catch (error) {
      this.#become('stopped', { problem: explain(error) });
    }
  }

  async #list(): Promise<Sending> {
    const { slug, chosen, partition, tell } = this.#order;
    const body = { files: listOf(chosen.files), partition: partition as '' };
    const params = { path: { slug } };
    const answer = await call(api.POST('/api/projects/{slug}/uploads', { params, body }));
    this.#url = answer.url;
    const { import_id: importId, received } = answer;
    tell({ importId, already: received, loaded: received, filesDone: this.stream.filesWithin(received) });
    return new Sending(answer.url, this.stream, {
      onProgress: (loaded) => this.#progressed(loaded),
      onWaiting: () => this.#become('waiting', STILL),
      onSent: () => this.#sent(),
      onStopped: (error) => this.#stopped(error),
    });
  }

  /** What the person asked for while the server was being told. */
  async #afterList(): Promise<void> {
    if (this.#state === 'cancelled') return this.cancel();
    this.#order.onChanged();
    if (this.#state === 'paused') return;
    this.#become('sending');
    this.#sending?.start();
  }

  #progressed(loaded: number): void {
    if (this.#state === 'waiting') this.#pace.begin();
    this.#pace.mark(performance.now(), loaded);
    this.#hasAskedToSignIn = false;
    this.#loaded = loaded;
    if (this.#state === 'waiting') this.#become('sending');
    // Now and then is enough to look at; but the last word counts, for nothing may follow it for long.
    if (!this.#isShowing) setTimeout(() => this.#show(), SHOW_EVERY_MS);
    this.#isShowing = true;
  }

  #show(): void {
    this.#isShowing = false;
    if (this.#state !== 'sending') return;
    const pace = { rate: this.#pace.rate, secondsLeft: this.#pace.secondsUntil(this.stream.size) };
    const loaded = this.#loaded;
    this.#order.tell({ loaded, filesDone: this.stream.filesWithin(loaded), ...pace });
  }

  #sent(): void {
    const all = { loaded: this.stream.size, filesDone: this.#order.chosen.files.length };
    this.#become('sent', { ...all, ...STILL });
    this.#order.onChanged();
  }

  #stopped(error: unknown): void {
    if (this.#state === 'cancelled') return;
    if (error instanceof ApiError && error.status === 401) {
      this.#become('signed-out', STILL);
      if (!this.#hasAskedToSignIn) useSignedOut.getState().expire();
      this.#hasAskedToSignIn = false;
      return;
    }
    if (error instanceof ApiError && error.code === 'gone') this.#forget();
    this.#become('stopped', { ...STILL, problem: problemOf(error) });
  }

  /** The server has dropped it: going on means to begin anew. */
  #forget(): void {
    this.#url = null;
    this.#listing = null;
    this.#sending = null;
    this.#order.tell({ loaded: 0, filesDone: 0, already: 0, importId: null });
  }

  #become(state: UploadState, part: Partial<Carried> = {}): void {
    this.#state = state;
    this.#order.tell({ state, ...part });
  }
}

function listOf(files: readonly UploadFile[]) {
  return {
    names: files.map(({ path }) => path),
    sizes: files.map(({ file }) => file.size),
    modified: files.map(({ file }) => file.lastModified),
  };
}

function problemOf(error: unknown): { title: string; advice: string } {
  if (error instanceof FilesChanged) {
    return {
      title: 'A chosen file was changed, moved or taken away.',
      advice: 'Cancel this upload and choose the folder again.',
    };
  }
  if (error instanceof ApiError && error.code === 'gone') {
    return { title: error.message, advice: 'Try again to send it from the start.' };
  }
  return explain(error);
}

/** Removes an upload from the server. The request that was being sent a moment ago may still hold it. */
export async function giveUp(url: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await apiFetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } });
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) return;
      if (error.status !== 423 || tries === CANCEL_TRIES) throw error;
      await new Promise((done) => setTimeout(done, 500 * tries));
    }
  }
}
