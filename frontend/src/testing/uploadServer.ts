import { vi } from 'vitest';

/** How the server answers one request instead of as usual; `broken`: not at all, after taking `taken` bytes. */
export type Trouble = { status: number; code?: string; message?: string } | { broken: true; taken: number };

/** Stands in for the server's end of an upload, as the protocol says: how far it is, and what came. */
export class UploadServer {
  bytes = new Uint8Array(0);
  /** What happens to the next requests, by method, first to last. */
  readonly troubles: Record<string, Trouble[]> = {};
  readonly requests: string[] = [];

  constructor(readonly total: number) {
    const answer = (request: FakeRequest, body: Blob | null) => this.#answer(request, body);
    vi.stubGlobal('XMLHttpRequest', fakeRequest(answer));
  }

  async #answer(request: FakeRequest, body: Blob | null): Promise<void> {
    const offset = Number(request.sentHeaders.get('Upload-Offset'));
    this.requests.push(request.method === 'PATCH' ? `PATCH ${offset}` : request.method);
    const trouble = this.troubles[request.method]?.shift();
    if (trouble !== undefined && 'status' in trouble) return request.finish(trouble.status, trouble);
    if (body !== null && offset === this.bytes.length) await this.#take(request, body, trouble?.taken);
    if (trouble !== undefined) return request.fail();
    return request.finish(request.method === 'PATCH' ? 204 : 200, {}, this.bytes.length, this.total);
  }

  async #take(request: FakeRequest, body: Blob, taken = Infinity): Promise<void> {
    const piece = new Uint8Array(await new Response(body).arrayBuffer()).slice(0, taken);
    request.upload.onprogress?.({ lengthComputable: true, loaded: piece.length });
    this.bytes = new Uint8Array([...this.bytes, ...piece]);
  }
}

interface FakeRequest {
  method: string;
  sentHeaders: Map<string, string>;
  upload: { onprogress: ((event: object) => void) | null };
  finish: (status: number, body: object, offset?: number, length?: number) => void;
  fail: () => void;
}

type Answer = (request: FakeRequest, body: Blob | null) => Promise<void>;

/** XMLHttpRequest as far as the upload client uses it. */
function fakeRequest(answer: Answer) {
  return class implements FakeRequest {
    method = '';
    status = 0;
    responseText = '';
    sentHeaders = new Map<string, string>();
    upload: FakeRequest['upload'] = { onprogress: null };
    onload: (() => void) | null = null;
    onerror: ((event: object) => void) | null = null;
    #headers = new Map<string, string>();
    #isAborted = false;

    open(method: string): void {
      this.method = method;
    }

    setRequestHeader(name: string, value: string): void {
      this.sentHeaders.set(name, value);
    }

    getResponseHeader(name: string): string | null {
      return this.#headers.get(name) ?? null;
    }

    send(body: Blob | null): void {
      void answer(this, body);
    }

    abort(): void {
      this.#isAborted = true;
    }

    finish(status: number, body: object, offset?: number, length?: number): void {
      if (this.#isAborted) return;
      this.status = status;
      this.responseText = JSON.stringify(body);
      if (offset !== undefined) this.#headers.set('Upload-Offset', String(offset));
      if (length !== undefined) this.#headers.set('Upload-Length', String(length));
      this.onload?.();
    }

    fail(): void {
      if (!this.#isAborted) this.onerror?.({ type: 'error' });
    }
  };
}
