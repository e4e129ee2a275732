import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { HeldStudy, ImportRun, Patient } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import { secondsLeft } from './ImportCard';
import { ImportsPage } from './ImportsPage';
import { sortedReport } from './ReportLines';
import { StudiesPage } from './StudiesPage';
import { clock } from './clock';

function patient(id: number, partition: Patient['partition']): Patient {
  return {
    ...{ id, pseudonym: `P-${id}`, partition, sex: 'F', age_years: 54, studies: 1, volumes: 2, tasks: 0 },
    ...{ thumbnail: null, projection: null, created_at: '2026-01-01T00:00:00Z' },
  };
}

function patients(...results: Patient[]) {
  return { 'GET /api/projects/demo/patients': { body: { next: null, previous: null, results } } };
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('patients without a side are assigned together, except the ones left out', async () => {
  const sent: string[] = [];
  const record = async (request: Request) => {
    sent.push(`${new URL(request.url).pathname} ${await request.text()}`);
    return { body: {} };
  };
  serve({
    ...patients(patient(1, null), patient(2, null), patient(3, null), patient(4, 'POOL')),
    'POST /api/patients/1/partition': record,
    'POST /api/patients/2/partition': record,
    'POST /api/patients/3/partition': record,
  });
  openPage(StudiesPage, projectWith('view_cases', 'manage_cases'));
  await userEvent.click(await screen.findByRole('button', { name: 'Assign them' }));
  await userEvent.click(screen.getByRole('checkbox', { name: 'P-2' }));
  await userEvent.click(screen.getByRole('radio', { name: /Benchmark/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Assign 2 to the benchmark' }));
  await screen.findAllByText('2 patients assigned to the benchmark.');
  expect(sent).toEqual([
    '/api/patients/1/partition {"partition":"BENCHMARK"}',
    '/api/patients/3/partition {"partition":"BENCHMARK"}',
  ]);
});

test('nothing is assigned before a side is chosen', async () => {
  serve(patients(patient(1, null)));
  openPage(StudiesPage, projectWith('view_cases', 'manage_cases'));
  await userEvent.click(await screen.findByRole('button', { name: 'Assign it' }));
  expect(screen.getByRole('button', { name: 'Assign' }).hasAttribute('disabled')).toBe(true);
  expect(screen.getByText(/This is for good/)).toBeTruthy();
});

test('who may not manage cases sees patients but no way to change them', async () => {
  serve(patients(patient(1, null)));
  openPage(StudiesPage, projectWith('view_cases'));
  await screen.findByText('P-1');
  expect(screen.queryByRole('button', { name: /Assign|Import/ })).toBeNull();
});

const RUN: ImportRun = {
  ...{ id: 1, state: 'failed', source: 'upload', partition: '', files_total: 3, files_done: 3 },
  ...{ started_by: 'Mara', upload: null, started_at: null, cancelling: false },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  report: [
    { level: 'ok', subject: 'Study 1', message: 'One volume.', action: '' },
    { level: 'error', subject: 'Study 2', message: 'A slice is missing.', action: 'Export it again.' },
  ],
};
const HELD: HeldStudy = {
  ...{ id: 5, import_id: 1, subject: 'study 2 of 3', files: 160, state: 'held', resolved_by: null },
  ...{ can_retry: true, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  reasons: [
    { level: 'error', subject: 'study 2 of 3', message: 'Slice 7 is missing.', action: 'Export it.' },
  ],
};

function imports(runs: ImportRun[], held: HeldStudy[] = []) {
  const page = <Item,>(results: Item[]) => ({ body: { next: null, previous: null, results } });
  return {
    'GET /api/projects/demo/imports': page(runs),
    'GET /api/projects/demo/held-studies': page(held),
  };
}

const openImports = () => openPage(ImportsPage, projectWith('view_cases', 'manage_cases'));

test('an import tells what failed before what went well', async () => {
  expect(sortedReport(RUN.report).map(({ level }) => level)).toEqual(['error', 'ok']);
  serve(imports([RUN]));
  openImports();
  await screen.findByText('Export it again.');
  await screen.findByText('1 error · 1 fine');
});

test('the time left follows from the server’s own clock', () => {
  const running = { ...RUN, state: 'running' as const, files_done: 30, files_total: 90 };
  const at = (started_at: string | null) => secondsLeft({ ...running, started_at });
  expect(at('2025-12-31T23:59:30Z')).toBe(60);
  expect([at(null), at('2025-12-31T23:59:59Z')]).toEqual([null, null]);
  expect(secondsLeft({ ...RUN, started_at: '2025-12-31T23:59:30Z' })).toBeNull();
});

test('a running import can be cancelled once', async () => {
  const running = { ...RUN, state: 'running' as const, report: [] };
  let cancelled = false;
  const requests = serve({
    ...imports([]),
    'GET /api/projects/demo/imports': () => ({
      body: { next: null, previous: null, results: [{ ...running, cancelling: cancelled }] },
    }),
    'POST /api/imports/1/cancel': () => {
      cancelled = true;
      return { status: 202, body: running };
    },
  });
  openImports();
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
  await screen.findByText('Stopping');
  expect(screen.getByRole('button', { name: 'Cancel' }).hasAttribute('disabled')).toBe(true);
  expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('an upload that was broken off says how to go on, and can be given up', async () => {
  const upload = { url: '/api/uploads/t', received: 250_000, total: 1_000_000 };
  const requests = serve({
    ...imports([{ ...RUN, state: 'waiting', report: [], upload }]),
    'DELETE /api/uploads/t': { status: 204 },
  });
  openImports();
  await screen.findByText('250 kB of 1.00 MB arrived');
  expect(screen.getByText(/chooses the same folder again/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Give it up' }));
  await waitFor(() => expect(requests.some(({ method }) => method === 'DELETE')).toBe(true));
});

test('a held study says why, is tried again at a click, and dropped after a question', async () => {
  const requests = serve({
    ...imports([RUN], [HELD]),
    'POST /api/held-studies/5/retry': { status: 202, body: RUN },
    'DELETE /api/held-studies/5': { body: HELD },
  });
  openImports();
  await screen.findByText('Slice 7 is missing.', { exact: false });
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await userEvent.click(screen.getByRole('button', { name: 'Drop' }));
  expect(requests.filter(({ method }) => method === 'DELETE')).toEqual([]);
  await userEvent.click(await screen.findByRole('button', { name: 'Drop it' }));
  const done = () => requests.filter(({ method }) => method !== 'GET').map(({ method }) => method);
  await waitFor(() => expect(done()).toEqual(['POST', 'DELETE']));
});

test('a held study whose files are gone cannot be tried again', async () => {
  serve(imports([], [{ ...HELD, can_retry: false }]));
  openImports();
  const retry = await screen.findByRole('button', { name: 'Try again' });
  expect(retry.hasAttribute('disabled')).toBe(true);
});

test('a phase’s time is told in minutes and seconds', () => {
  expect([0, 92, 600.4, null].map(clock)).toEqual(['0:00', '1:32', '10:00', '–']);
});
