import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { Batch, Pick, Strategies, Wish } from '../api';
import { openPage, projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import type { Routes } from '../testing/server';
import { BatchesPage } from './BatchesPage';

const PICK: Pick = {
  task: 7,
  pseudonym: 'NF-0007',
  state: 'open',
  place: 1,
  arm: 'chosen',
  score: 0.4,
  reason: 'The model is less sure of it than of 90% of the waiting cases.',
  values: {},
  thumbnail: '/t.png',
  picture: '/p.png',
};
const BY_LOT: Pick = { ...PICK, task: 8, pseudonym: 'NF-0008', place: 2, arm: 'random', picture: null };
const BATCH: Batch = {
  ...{ number: 3, strategy: 'entropy', size: 2, random_share: 0.2, seed: 5, model: 2, cases: 9 },
  ...{ started_by: 'Max', created_at: '2026-01-01T00:00:00Z', picks: [PICK, BY_LOT] },
};

function offer(model: number | null): Strategies {
  const drafted = model === null ? 0 : 9;
  const of = (strategy: 'random' | 'entropy', name: string, cases: number) => ({
    ...{ strategy, name, cases, good_for: `${name} is good for something.`, needs: 'a draft' },
  });
  return {
    ...{ model, cases: 9, patients: 8 },
    strategies: [of('random', 'Random', 9), of('entropy', 'Entropy', drafted)],
  };
}

function routes(model: number | null, ...results: Batch[]): Routes {
  return {
    'GET /api/projects/demo/strategies': { body: offer(model) },
    'GET /api/projects/demo/batches': { body: { next: null, previous: null, results } },
    'POST /api/projects/demo/batches/preview': { body: { model, cases: 9, picks: [PICK, BY_LOT] } },
    'POST /api/projects/demo/batches': { status: 201, body: BATCH },
  };
}

const MANAGER = projectWith('view_rounds', 'manage_rounds');

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('a batch is previewed with its reasons, then started as it was previewed', async () => {
  const seen = serve(routes(2));
  openPage(BatchesPage, MANAGER);
  await userEvent.click(await screen.findByRole('radio', { name: /^Entropy/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Preview' }));
  await screen.findAllByText(PICK.reason);
  expect(screen.getByRole('img', { name: 'Where the model is unsure of NF-0007' })).toBeTruthy();
  expect(screen.getByText('No doubt known')).toBeTruthy();
  expect(screen.getByText('By lot')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Start this batch' }));
  await screen.findByText('Batch 3 comes first in the worklist now.');
  const posts = seen.filter(({ method }) => method === 'POST');
  const [asked, started] = await Promise.all(posts.map((post) => post.json() as Promise<Wish>));
  expect(started).toEqual(asked);
  expect(asked).toMatchObject({ strategy: 'entropy', random_share: 0.2 });
});

test('another wish takes the preview of the last one away', async () => {
  serve(routes(2));
  openPage(BatchesPage, MANAGER);
  await userEvent.click(await screen.findByRole('button', { name: 'Preview' }));
  await screen.findByRole('button', { name: 'Start this batch' });
  await userEvent.click(screen.getByRole('radio', { name: /^Entropy/ }));
  expect(screen.queryByRole('button', { name: 'Start this batch' })).toBeNull();
});

test('before the first model only chance can choose, and the page says so', async () => {
  serve(routes(null));
  openPage(BatchesPage, MANAGER);
  const entropy = await screen.findByRole<HTMLInputElement>('radio', { name: /^Entropy/ });
  expect(entropy.disabled).toBe(true);
  expect(screen.getByText('Needs a draft by the active model.')).toBeTruthy();
  expect(screen.getByText(/No model has seen the cases yet/)).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>('radio', { name: /^Random/ }).checked).toBe(true);
});

test('who may not start rounds sees the batches and no form', async () => {
  serve(routes(2, BATCH));
  openPage(BatchesPage, projectWith('view_rounds'));
  const heading = await screen.findByRole('heading', { name: /Batch 3/ });
  expect(within(heading).getByText(/Entropy · model 2 · seed 5/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Preview' })).toBeNull();
});
