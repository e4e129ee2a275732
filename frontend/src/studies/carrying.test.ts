import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useSignedOut } from '../api';
import { serve } from '../testing/server';
import { UploadServer } from '../testing/uploadServer';
import { Carrying } from './carrying';
import type { Carried } from './carrying';
import { FileStream } from './stream';
import { nameOf, useUploads } from './uploads';

const CONTENTS = ['first', 'second file', '', 'third'];
const WHOLE = CONTENTS.join('');
const files = CONTENTS.map((text, n) => ({ path: `study/${n}`, file: new File([text], String(n)) }));
const chosen = { files, skipped: 0 };

let server: UploadServer;
let requests: Request[];
let shown: Carried;
let states: string[];

beforeEach(() => {
  server = new UploadServer(WHOLE.length);
  states = [];
  shown = {} as Carried;
  // jsdom's blobs cannot be read; Node's can.
  vi.spyOn(FileStream.prototype, 'slice').mockImplementation((start, end) => {
    const piece = WHOLE.slice(start, Math.min(end, start + 8));
    const value = Object.assign(new TextEncoder().encode(piece), { size: piece.length });
    return Promise.resolve({ value: value as unknown as Blob, done: start + piece.length >= WHOLE.length });
  });
  requests = serve({
    'POST /api/projects/demo/uploads': () => ({
      body: { import_id: 7, url: '/api/uploads/t', received: server.bytes.length, total: WHOLE.length },
    }),
    'DELETE /api/uploads/t': { status: 204 },
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  useSignedOut.setState({ expired: false });
});

function carry(): Carrying {
  const tell = (part: Partial<Carried>) => {
    Object.assign(shown, part);
    if (part.state !== undefined && part.state !== states.at(-1)) states.push(part.state);
  };
  return new Carrying({ slug: 'demo', chosen, partition: 'POOL', tell, onChanged: vi.fn() });
}

const arrived = () => new TextDecoder().decode(server.bytes);
const until = (state: string) => vi.waitFor(() => expect(states.at(-1)).toBe(state), { timeout: 4_000 });

test('the server is told what will come, and then gets it', async () => {
  void carry().start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
  expect(states).toEqual(['listing', 'sending', 'sent']);
  expect([shown.loaded, shown.filesDone, shown.importId]).toEqual([WHOLE.length, 4, 7]);
  const body: unknown = await requests[0]?.json();
  expect(body).toMatchObject({
    partition: 'POOL',
    files: { names: ['study/0', 'study/1', 'study/2', 'study/3'], sizes: [5, 11, 0, 5] },
  });
});

test('what an earlier upload brought is not sent again', async () => {
  server.bytes = new TextEncoder().encode(WHOLE.slice(0, 9));
  void carry().start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
  expect(server.requests.slice(0, 2)).toEqual(['HEAD', 'PATCH 9']);
  expect(shown.already).toBe(9);
});

test('a broken connection goes on with what arrived', async () => {
  server.troubles.PATCH = [{ broken: true, taken: 3 }];
  void carry().start();
  await until('sent');
  expect(states).toEqual(['listing', 'sending', 'waiting', 'sending', 'sent']);
  expect(server.requests.slice(0, 4)).toEqual(['HEAD', 'PATCH 0', 'HEAD', 'PATCH 3']);
  expect(arrived()).toBe(WHOLE);
});

test('a lost last answer is no second upload', async () => {
  server.troubles.PATCH = [
    { broken: true, taken: 99 },
    { broken: true, taken: 99 },
    { broken: true, taken: 99 },
  ];
  void carry().start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
});

test.each([409, 423, 502])('an answer that passes (%i) is waited out', async (status) => {
  server.troubles.PATCH = [{ status }];
  void carry().start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
});

test('a full disk stops it with the words of the server, and trying again goes on', async () => {
  server.troubles.PATCH = [{ status: 507, code: 'storage_full', message: 'The disk is full.' }];
  const carrying = carry();
  void carrying.start();
  await until('stopped');
  expect(shown.problem?.title).toBe('The disk is full.');
  void carrying.start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
});

test('a session that ended is asked for once, and the upload goes on afterwards', async () => {
  server.troubles.PATCH = [{ status: 401 }];
  const carrying = carry();
  void carrying.start();
  await until('signed-out');
  expect(useSignedOut.getState().expired).toBe(true);
  useSignedOut.getState().restore();
  server.troubles.HEAD = [{ status: 401 }];
  void carrying.startSignedIn();
  await vi.waitFor(() => expect(server.requests.filter((method) => method === 'HEAD')).toHaveLength(2));
  await until('signed-out');
  expect(useSignedOut.getState().expired).toBe(false);
  void carrying.start();
  await until('sent');
});

test('an upload that the server dropped begins anew when it is tried again', async () => {
  server.troubles.HEAD = [{ status: 404 }];
  const carrying = carry();
  void carrying.start();
  await until('stopped');
  expect(shown.problem?.advice).toContain('from the start');
  void carrying.start();
  await until('sent');
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(2);
});

test('a pause sends nothing more, and going on sends the rest', async () => {
  const carrying = carry();
  server.troubles.PATCH = [{ broken: true, taken: 4 }];
  void carrying.start();
  await until('waiting');
  carrying.pause();
  const before = server.requests.length;
  await new Promise((done) => setTimeout(done, 400));
  expect([server.requests.length, states.at(-1)]).toEqual([before, 'paused']);
  void carrying.start();
  await until('sent');
  expect(arrived()).toBe(WHOLE);
});

test('an upload that is cancelled while the server is told of it is taken back', async () => {
  const carrying = carry();
  const started = carrying.start();
  void carrying.cancel();
  await started;
  expect(requests.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
  expect([states.at(-1), server.requests]).toEqual(['cancelled', []]);
});

test('cancelling waits for a request that still holds the upload', async () => {
  let held = 1;
  const busy = { status: 423, body: { code: 'locked', message: 'Busy.', detail: {} } };
  requests = serve({
    'POST /api/projects/demo/uploads': {
      body: { import_id: 7, url: '/api/uploads/t', received: 0, total: WHOLE.length },
    },
    'DELETE /api/uploads/t': () => (held-- > 0 ? busy : { status: 204 }),
  });
  server.troubles.PATCH = [{ broken: true, taken: 4 }];
  const carrying = carry();
  void carrying.start();
  await until('waiting');
  await carrying.cancel();
  expect(requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2);
  expect(states.at(-1)).toBe('cancelled');
});

test('choosing the same folder again while it is on its way is no second upload', async () => {
  const { start } = useUploads.getState();
  start('demo', chosen, '', () => undefined);
  start('demo', chosen, '', () => undefined);
  await vi.waitFor(() => expect(useUploads.getState().uploads.map(({ state }) => state)).toEqual(['sent']));
});

test('closing the page is asked about while something is on its way', () => {
  const isAsked = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  expect(isAsked()).toBe(false);
  useUploads.getState().start('demo', chosen, '', () => undefined);
  expect(isAsked()).toBe(true);
});

test('an upload is named by its folder, its one file, or how many there are', () => {
  const named = (...paths: string[]) => paths.map((path) => ({ path, file: new File([], 'x') }));
  expect(nameOf(named('study/a.dcm', 'study/b/c.dcm'))).toBe('study');
  expect(nameOf(named('batch.zip'))).toBe('batch.zip');
  expect(nameOf(named('a.dcm', 'b.dcm'))).toBe('2 files');
  expect(nameOf(named('one/a.dcm', 'two/b.dcm'))).toBe('2 files');
});
