export { api, apiFetch, call, csrfToken } from './client';
export { ApiError, explain } from './errors';
export { usePages } from './pages';
export { useProject, useSession } from './session';
export { onSessionRestored, useSignedOut } from './signedOut';
export type * from './types';
