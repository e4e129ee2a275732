import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { Task } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import type { Routes } from '../testing/server';
import { ReviewQueuePage } from './ReviewQueuePage';
import { WorklistPage } from './WorklistPage';

const TASK: Task = {
  ...{ id: 7, project: 'demo', patient: { id: 3, pseudonym: 'P-003' }, volume_id: 3, is_benchmark: false },
  ...{
    reading: 1,
    state: 'open',
    assignee: null,
    head: null,
    proposal: { source: 'model 2', answer: 'waiting', labels: [], accepted: '' },
    slices: null,
    active_s: 0,
    corrected: null,
    place: 2,
    actions: [],
  },
  ...{ last_review: null, updated_at: '2026-01-01T00:00:00Z', thumbnail: '/api/volumes/3/thumbnail' },
};

const COUNTS = { open: 3, in_progress: 1, submitted: 0, approved: 8, withdrawn: 0, mine: 1, to_review: 0 };

function tasks(...results: Task[]): Routes {
  return {
    'GET /api/projects/demo/tasks/counts': { body: COUNTS },
    'GET /api/projects/demo/tasks': { body: { next: null, previous: null, results } },
  };
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('somebody who draws begins with their own cases and sees how many wait', async () => {
  const seen = serve(tasks(TASK));
  openPage(WorklistPage, projectWith('view_cases', 'draw'));
  expect((await screen.findByRole('tab', { name: /Mine\s*1/ })).getAttribute('aria-selected')).toBe('true');
  await screen.findByRole('tab', { name: /All\s*12/ });
  expect(seen.some(({ url }) => new URL(url).searchParams.has('mine'))).toBe(true);
});

test('somebody who only looks sees all cases and is offered none', async () => {
  serve(tasks(TASK));
  openPage(WorklistPage, projectWith('view_cases'));
  await screen.findByText('P-003');
  expect(screen.queryByRole('button', { name: /Next case/ })).toBeNull();
});

test('the key N takes the next case and opens it', async () => {
  const seen = serve({ ...tasks(), 'POST /api/projects/demo/tasks/next': { body: TASK } });
  const router = openPage(WorklistPage, projectWith('view_cases', 'draw'));
  await screen.findByText('You have no case in hand');
  await userEvent.keyboard('n');
  await waitFor(() => expect(router.state.location.pathname).toBe('/tasks/7'));
  expect(seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('when nothing waits the page says so and stays', async () => {
  const body = { code: 'not_found', message: 'Nothing is waiting.', detail: {} };
  serve({ ...tasks(TASK), 'POST /api/projects/demo/tasks/next': { status: 404, body } });
  const router = openPage(WorklistPage, projectWith('view_cases', 'draw'));
  await userEvent.click(await screen.findByRole('button', { name: /Next case/ }));
  await screen.findAllByText('Nothing is waiting.');
  expect(router.state.location.pathname).toBe('/');
});

test('a click on a row opens the case', async () => {
  serve(tasks(TASK));
  const router = openPage(WorklistPage, projectWith('view_cases'));
  await userEvent.click(await screen.findByText('Nobody'));
  expect(router.state.location.pathname).toBe('/tasks/7');
});

test('a case that a model drafted names the model, and one of the benchmark its lock', async () => {
  const locked = { ...TASK, id: 8, is_benchmark: true, proposal: null };
  serve(tasks(TASK, locked));
  openPage(WorklistPage, projectWith('view_cases'));
  await screen.findByText('Draft by model 2');
  await screen.findByText('Benchmark');
});

test('a case that was sent back shows why', async () => {
  const last_review: Task['last_review'] = {
    ...{
      decision: 'return',
      reason: 'The heart is missing.',
      created_at: '2026-01-01T00:00:00Z',
      remarks: [],
    },
    reviewer: { id: 2, display_name: 'Rafael' },
  };
  serve(tasks({ ...TASK, state: 'in_progress', last_review }));
  openPage(WorklistPage, projectWith('view_cases'));
  await screen.findByText('Returned');
  await screen.findByText('The heart is missing.');
});

test('a list that fails says so and loads at another try', async () => {
  let broken = true;
  const body = { code: 'error', message: 'The database is away.', detail: {} };
  const good = { body: { next: null, previous: null, results: [TASK] } };
  serve({ ...tasks(), 'GET /api/projects/demo/tasks': () => (broken ? { status: 500, body } : good) });
  openPage(WorklistPage, projectWith('view_cases'));
  await screen.findByText('The database is away.');
  broken = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await screen.findByText('P-003');
});

test('the next page is asked for with its cursor and joins the first', async () => {
  const second = { ...TASK, id: 8, patient: { id: 4, pseudonym: 'P-004' } };
  serve({
    ...tasks(),
    'GET /api/projects/demo/tasks': ({ url }) => {
      const isSecond = new URL(url).searchParams.get('cursor') === 'abc';
      const next = isSecond ? null : 'http://host/api/projects/demo/tasks?cursor=abc';
      return { body: { next, previous: null, results: [isSecond ? second : TASK] } };
    },
  });
  openPage(WorklistPage, projectWith('view_cases'));
  await userEvent.click(await screen.findByRole('button', { name: 'Load more' }));
  await screen.findByText('P-004');
  expect(screen.getByText('P-003')).toBeTruthy();
});

test('the review queue opens a case under the cursor in review', async () => {
  serve(tasks({ ...TASK, state: 'submitted' }));
  const router = openPage(ReviewQueuePage, projectWith('view_cases', 'review'));
  await screen.findByText('P-003');
  await userEvent.keyboard('j{Enter}');
  expect(router.state.location.pathname).toBe('/review/7');
});
