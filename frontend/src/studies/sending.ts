import { ApiError, csrfToken, useSignedOut } from '../api';
import type { ImportRun } from '../api';
import type { UploadFile } from './dropped';

/** Files sent whole when `loaded` of their bytes, one after the other, have left. */
export function filesSent(sizes: readonly number[], loaded: number): number {
  let end = 0;
  let sent = 0;
  for (const size of sizes) {
    end += size;
    if (end > loaded) return sent;
    sent += 1;
  }
  return sent;
}

/** Seconds until the rest has left at the pace so far; null before there is a pace. */
export function secondsLeft(elapsedS: number, loaded: number, total: number): number | null {
  if (elapsedS < 1 || loaded === 0) return null;
  return (elapsedS / loaded) * (total - loaded);
}

interface Sending {
  slug: string;
  files: readonly UploadFile[];
  partition: string;
  onProgress: (loaded: number, total: number) => void;
  signal: AbortSignal;
}

/** Sends files for an import. XMLHttpRequest, because fetch does not tell how much has left. */
export function sendFiles({ slug, files, partition, onProgress, signal }: Sending): Promise<ImportRun> {
  const form = new FormData();
  form.append('partition', partition);
  // Names and folders stay here: they may name the patient, and the server asks for neither.
  files.forEach(({ file }, n) => form.append('files', file, String(n)));
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/projects/${slug}/imports`);
    request.setRequestHeader('X-CSRFToken', csrfToken());
    request.responseType = 'json';
    request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
    request.onload = () => {
      if (request.status < 300) done(request.response as ImportRun);
      else fail(refusal(request));
    };
    request.onerror = () =>
      fail(new ApiError(0, 'offline', 'The connection broke while the files were being sent.'));
    signal.addEventListener('abort', () => request.abort());
    request.onabort = () => fail(new DOMException('cancelled', 'AbortError'));
    request.send(form);
  });
}

function refusal(request: XMLHttpRequest): ApiError {
  if (request.status === 401) useSignedOut.getState().expire();
  const body = request.response as { code?: string; message?: string } | null;
  const message = body?.message ?? `The server answered ${request.status}.`;
  return new ApiError(request.status, body?.code ?? 'unexpected', message);
}
