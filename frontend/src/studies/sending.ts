import { Upload } from 'tus-js-client';
import type { DetailedError } from 'tus-js-client';

import { ApiError, csrfToken } from '../api';
import { FilesChanged } from './stream';
import type { FileStream } from './stream';

const PIECE_BYTES = 8 * 2 ** 20;
/** ms before each try after a break; then the upload waits to be told. Any byte that arrives begins them anew. */
const DELAYS_MS = [250, 1_000, 2_000, 4_000, 8_000, 15_000, ...Array.from({ length: 60 }, () => 30_000)];
/** No answer, another request still writing, or a server that is busy or starting again. */
const PASSING = new Set([0, 408, 409, 423, 429, 500, 502, 503, 504]);

interface Listeners {
  onProgress: (loaded: number) => void;
  /** The connection broke; it is tried again by itself. */
  onWaiting: () => void;
  onSent: () => void;
  /** It does not go on by itself. */
  onStopped: (error: unknown) => void;
}

function isDetailed(error: unknown): error is DetailedError {
  return error instanceof Error && 'originalRequest' in error;
}

function isPassing(error: DetailedError): boolean {
  if (error.causingError instanceof FilesChanged) return false;
  return PASSING.has(error.originalResponse?.getStatus() ?? 0);
}

/** The refusal in the words of the server, or what happened here. */
export function refusalOf(error: unknown): unknown {
  if (!isDetailed(error)) return error;
  if (error.causingError instanceof FilesChanged) return error.causingError;
  const response = error.originalResponse;
  if (response === null || response.getStatus() === 0) {
    return new ApiError(0, 'offline', 'The server cannot be reached.');
  }
  const status = response.getStatus();
  try {
    const { code, message } = JSON.parse(response.getBody()) as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string') return new ApiError(status, code, message);
  } catch {
    // An answer to HEAD has no body.
  }
  if (status === 404) return new ApiError(status, 'gone', 'This upload is no longer on the server.');
  return new ApiError(status, 'unexpected', `The server answered ${status}.`);
}

/** Sends a stream to its address. Each start asks the server how far it is and goes on there. */
export class Sending {
  readonly #url: string;
  readonly #stream: FileStream;
  readonly #listeners: Listeners;
  #upload: Upload | null = null;

  constructor(url: string, stream: FileStream, listeners: Listeners) {
    this.#url = url;
    this.#stream = stream;
    this.#listeners = listeners;
  }

  start(): void {
    this.stop();
    this.#upload = this.#begun();
    this.#upload.start();
  }

  /** Nothing more is sent or told after this. */
  stop(): void {
    void this.#upload?.abort();
    this.#upload = null;
  }

  #begun(): Upload {
    const ifCurrent = (act: () => void) => {
      if (this.#upload === upload) act();
    };
    const { onProgress, onWaiting, onSent, onStopped } = this.#listeners;
    // The library wants a file; its reader hands over the stream instead.
    const upload: Upload = new Upload(new Blob(), {
      uploadUrl: new URL(this.#url, window.location.origin).href,
      fileReader: { openFile: () => Promise.resolve(this.#stream) },
      storeFingerprintForResuming: false,
      chunkSize: PIECE_BYTES,
      retryDelays: DELAYS_MS,
      onBeforeRequest: (request) => {
        // A piece that was being read when the upload was stopped must not leave any more.
        if (this.#upload !== upload) throw new DOMException('stopped', 'AbortError');
        request.setHeader('X-CSRFToken', csrfToken());
      },
      onShouldRetry: (error) => {
        const again = isPassing(error);
        if (again) ifCurrent(onWaiting);
        return again;
      },
      onProgress: (loaded) => ifCurrent(() => onProgress(loaded)),
      onSuccess: () => ifCurrent(onSent),
      onError: (error) => ifCurrent(() => onStopped(refusalOf(error))),
    });
    return upload;
  }
}
