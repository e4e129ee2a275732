import { afterEach, expect, test, vi } from 'vitest';

import { serve } from '../testing/server';
import { api, apiFetch, call } from './client';
import { ApiError, explain } from './errors';
import { cursorOf } from './pages';
import { onSessionRestored, useSignedOut } from './signedOut';

afterEach(() => {
  vi.unstubAllGlobals();
  useSignedOut.getState().restore();
});

test('a change carries the token against forged requests and a read does not', async () => {
  document.cookie = 'csrftoken=tok-en';
  const seen = serve({ 'POST /api/session': { body: {} }, 'GET /api/session': { body: {} } });
  await call(api.POST('/api/session', { body: { username: 'a', password: 'b' } }));
  await call(api.GET('/api/session'));
  expect(seen.map((request) => request.headers.get('X-CSRFToken'))).toEqual(['tok-en', null]);
});

test('a refusal is thrown with its code, message and detail', async () => {
  const body = { code: 'stale', message: 'Ana saved meanwhile.', detail: { head: 4 } };
  serve({ 'GET /api/tasks/7': { status: 412, body } });
  const refusal = await call(api.GET('/api/tasks/{id}', { params: { path: { id: 7 } } })).catch(
    (e: unknown) => e,
  );
  expect(refusal).toBeInstanceOf(ApiError);
  expect(refusal).toMatchObject({
    status: 412,
    code: 'stale',
    message: 'Ana saved meanwhile.',
    detail: { head: 4 },
  });
});

test('a session that ended is told to the page, but asking who is signed in is not', async () => {
  const body = { code: 'not_authenticated', message: 'Sign in first.', detail: {} };
  serve({ 'GET /api/session': { status: 401, body }, 'GET /api/tasks/7': { status: 401, body } });
  await expect(call(api.GET('/api/session'))).rejects.toMatchObject({ status: 401 });
  expect(useSignedOut.getState().expired).toBe(false);
  await expect(apiFetch('/api/tasks/7')).rejects.toMatchObject({ status: 401 });
  expect(useSignedOut.getState().expired).toBe(true);
});

test('work that waits for a session goes on once when it is back', () => {
  const act = vi.fn();
  const stop = onSessionRestored(act);
  useSignedOut.getState().restore();
  expect(act).not.toHaveBeenCalled();
  useSignedOut.getState().expire();
  useSignedOut.getState().restore();
  expect(act).toHaveBeenCalledOnce();
  stop();
});

test('no connection is an error that says so', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
  const refusal = await apiFetch('/api/tasks/7').catch((e: unknown) => e);
  expect(refusal).toMatchObject({ status: 0, code: 'offline' });
  expect(explain(refusal).advice).toContain('Check the connection');
});

test('a page of a proxy in place of an answer keeps its status', async () => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502 })));
  await expect(apiFetch('/api/tasks/7')).rejects.toMatchObject({ status: 502, code: 'unexpected' });
});

test('the cursor is read from the address of the next page', () => {
  expect(cursorOf('http://host/api/projects/demo/tasks?state=open&cursor=cD0z')).toBe('cD0z');
  expect(cursorOf(null)).toBeUndefined();
});
