/** A refusal by the server, or no answer at all (status 0, code `offline`). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: Record<string, unknown>;

  constructor(status: number, code: string, message: string, detail: Record<string, unknown> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error in an answer that is not ok. An answer that is not ours (a proxy's page) keeps its status. */
export async function readError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  if (isRecord(body) && typeof body.code === 'string' && typeof body.message === 'string') {
    return new ApiError(response.status, body.code, body.message, isRecord(body.detail) ? body.detail : {});
  }
  return new ApiError(response.status, 'unexpected', `The server answered ${response.status}.`);
}

const ADVICE: Record<string, string> = {
  offline: 'Check the connection, or whether the server is running. Nothing that you saved is lost.',
  not_found: 'It may have been moved, or you are not a member of its project.',
  throttled: 'Wait a minute, then try again.',
};

/** What went wrong and what to do, for any thrown value. The server's own refusals say both in their message. */
export function explain(error: unknown): { title: string; advice: string } {
  if (!(error instanceof ApiError)) {
    return {
      title: 'This page ran into an error.',
      advice: 'Reload the page. If it comes back, tell whoever runs the server.',
    };
  }
  const fallback =
    error.status >= 500 || error.code === 'unexpected'
      ? 'Try again; if it comes back, tell whoever runs the server. Its log has the reason.'
      : '';
  return { title: error.message, advice: ADVICE[error.code] ?? fallback };
}
