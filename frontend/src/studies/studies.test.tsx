import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { ImportRun, Patient } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import { sortedReport } from './ImportCard';
import { ImportsPage } from './ImportsPage';
import { StudiesPage } from './StudiesPage';
import { clock } from './VolumeCard';

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

test('an import tells what failed before what went well', async () => {
  const run: ImportRun = {
    ...{
      id: 1,
      state: 'failed',
      source: 'upload',
      partition: '',
      files_total: 3,
      files_done: 3,
      started_by: 'Mara',
      upload: null,
      started_at: null,
      cancelling: false,
    },
    ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
    report: [
      { level: 'ok', subject: 'Study 1', message: 'One volume.', action: '' },
      { level: 'error', subject: 'Study 2', message: 'A slice is missing.', action: 'Export it again.' },
    ],
  };
  expect(sortedReport(run.report).map(({ level }) => level)).toEqual(['error', 'ok']);
  serve({ 'GET /api/projects/demo/imports': { body: { next: null, previous: null, results: [run] } } });
  openPage(ImportsPage, projectWith('view_cases', 'manage_cases'));
  await screen.findByText('Export it again.');
  await screen.findByText('1 error · 1 fine');
});

test('a phase’s time is told in minutes and seconds', () => {
  expect([0, 92, 600.4, null].map(clock)).toEqual(['0:00', '1:32', '10:00', '–']);
});
