import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { Round } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import type { Routes } from '../testing/server';
import { RoundsPage } from './RoundsPage';

const NAMES = ['freeze', 'train', 'score', 'promote', 'draft'] as const;

function round(part: Partial<Round>): Round {
  return {
    ...{
      id: 5,
      number: 2,
      state: 'training',
      kind: 'train',
      preset: 'demo',
      settings: {},
      origin: null,
      snapshot: { id: 1, number: 2, cases: 8 },
      verdict: '',
    },
    ...{
      error: '',
      started_by: 'Mara',
      created_at: '2026-01-01T00:00:00Z',
      ended_at: null,
      cancelling: false,
    },
    steps: NAMES.map((name, n) => ({
      ...{
        name,
        fraction: n === 1 ? 0.5 : 0,
        message: n === 1 ? 'Epoch 3 of 6' : '',
        seconds_left: n === 1 ? 200 : null,
      },
      state: n === 0 ? 'done' : n === 1 ? 'running' : 'waiting',
    })),
    ...{ runs: [], model: null, previous_scores: null },
    ...part,
  };
}

function rounds(approved: number, ...results: Round[]): Routes {
  const counts = { open: 0, in_progress: 0, submitted: 0, approved, withdrawn: 0, mine: 0, to_review: 0 };
  return {
    'GET /api/projects/demo/rounds': { body: { next: null, previous: null, results } },
    'GET /api/rounds/5/progress': { body: [] },
    'GET /api/projects/demo/models': { body: [] },
    'GET /api/projects/demo/tasks/counts': { body: counts },
    'GET /api/projects/demo/benchmark': { body: { patients: 1, approved: 1, sha256: '', cases: [] } },
  };
}

const MANAGER = projectWith('view_rounds', 'manage_rounds');

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a running round shows its step, how far it is and how long it takes', async () => {
  serve(rounds(9, round({})));
  openPage(RoundsPage, MANAGER);
  await screen.findByText('50 % · 3 min left');
  expect(screen.getByRole('progressbar', { name: 'Round 2' }).getAttribute('aria-valuenow')).toBe('50');
});

test('a round is cancelled only after a question', async () => {
  const seen = serve({
    ...rounds(9, round({})),
    'POST /api/rounds/5/cancel': { body: round({ cancelling: true }) },
  });
  openPage(RoundsPage, MANAGER);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel round' }));
  expect(seen.some(({ method }) => method === 'POST')).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'Cancel the round' }));
  await screen.findAllByText('Round 2 is being cancelled.');
});

test('a round cannot start while one runs, and the button says why', async () => {
  serve(rounds(9, round({})));
  openPage(RoundsPage, MANAGER);
  await screen.findByText('50 % · 3 min left');
  const button = screen.getByRole('button', { name: 'Start a round' });
  await userEvent.click(button);
  expect(button.getAttribute('aria-disabled')).toBe('true');
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('starting a round says how many cases are frozen, benchmark patients left out', async () => {
  const ended = round({ state: 'done', steps: [] });
  const seen = serve({
    ...rounds(9, ended),
    'POST /api/projects/demo/rounds': { status: 201, body: round({ number: 3 }) },
  });
  openPage(RoundsPage, MANAGER);
  await screen.findAllByText('Done');
  await userEvent.click(screen.getByRole('button', { name: 'Start a round' }));
  await screen.findByText(/The 8 approved cases of the pool/);
  await userEvent.click(screen.getByRole('button', { name: 'Freeze and start' }));
  await screen.findAllByText('Round 3 has started.');
  const order = seen.find(({ method }) => method === 'POST');
  expect(await order?.json()).toEqual({ preset: 'demo' });
});

test('a failed round gives its reason', async () => {
  serve(rounds(9, round({ state: 'failed', error: 'The disk is full.' })));
  openPage(RoundsPage, projectWith('view_rounds'));
  await screen.findAllByText('The disk is full.');
  expect(screen.queryByRole('button', { name: 'Start a round' })).toBeNull();
});
