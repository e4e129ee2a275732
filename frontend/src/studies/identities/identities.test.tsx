import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { Duplicate } from '../../api';
import { openPage, projectWith } from '../../testing/screen';
import { serve } from '../../testing/server';
import { DuplicateOffers } from './DuplicateOffers';
import { IdentitiesPage } from './IdentitiesPage';
import { personName } from './KnownPatientRow';

const PATIENTS = [
  { id: 2, pseudonym: 'P0002', partition: null, identities: 0 },
  { id: 1, pseudonym: 'P0001', partition: 'POOL', identities: 1 },
];
const JANE = { identifier: 'ID-77', issuer: 'North', name: 'Doe^Jane', birth_date: '1970-02-03' };
const LISTS = {
  'GET /api/projects/demo/identities': { body: { next: null, previous: null, results: PATIENTS } },
};

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test('nobody is shown until somebody asks, and is gone again afterwards', async () => {
  const seen = serve({ ...LISTS, 'POST /api/patients/1/identities': { body: [JANE] } });
  openPage(IdentitiesPage, projectWith('view_identities'));
  await screen.findByText('P0001');
  expect(screen.queryByText('ID-77')).toBeNull();
  expect(seen.filter(({ method }) => method === 'POST')).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Show' }));
  await screen.findByText('Doe, Jane');
  expect(screen.getByText('born 1970-02-03, from North')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Hide' }));
  expect(screen.queryByText('ID-77')).toBeNull();
});

test('a patient whose files named nobody has nothing to show', async () => {
  serve(LISTS);
  openPage(IdentitiesPage, projectWith('view_identities'));
  await screen.findByText('the files named nobody');
  expect(screen.getAllByRole('button', { name: 'Show' })).toHaveLength(1);
});

test('an identifier is looked for in the body of a request, never in its address', async () => {
  const seen = serve({ ...LISTS, 'POST /api/projects/demo/identities/search': { body: [PATIENTS[1]] } });
  openPage(IdentitiesPage, projectWith('view_identities'));
  await screen.findByText('P0002');
  await userEvent.type(screen.getByLabelText('Patient identifier, whole'), 'ID-77');
  await userEvent.click(screen.getByRole('button', { name: 'Find' }));
  await waitFor(() => expect(screen.queryByText('P0002')).toBeNull());
  const asked = seen.find(({ method }) => method === 'POST');
  expect(await asked?.json()).toEqual({ identifier: 'ID-77' });
  expect(seen.some(({ url }) => url.includes('ID-77'))).toBe(false);
});

test('a key that is missing is told in words', async () => {
  const refusal = { code: 'conflict', message: 'Set NINEFOLD_IDENTITY_KEY to what it was.', detail: {} };
  serve({ ...LISTS, 'POST /api/patients/1/identities': { status: 409, body: refusal } });
  openPage(IdentitiesPage, projectWith('view_identities'));
  await userEvent.click(await screen.findByRole('button', { name: 'Show' }));
  await screen.findAllByText(/Set NINEFOLD_IDENTITY_KEY/);
});

test('who is no manager sees no pseudonym here', async () => {
  const seen = serve(LISTS);
  openPage(IdentitiesPage, projectWith('view_cases'));
  await screen.findByText('Only managers see who the patients are');
  expect(seen).toEqual([]);
});

test.each([
  ['Doe^Jane', 'Doe, Jane'],
  ['Doe^Jane^Maria^Dr.', 'Doe, Jane Maria Dr.'],
  ['Yamada^Tarou=山田^太郎', 'Yamada, Tarou'],
  ['Jane Doe', 'Jane Doe'],
  ['', ''],
])('the name %s reads %s', (written, read) => {
  expect(personName(written)).toBe(read);
});

function pair(obstacle = ''): Duplicate {
  const patient = { partition: null, sex: 'F', age_years: 54, studies: 2 };
  return {
    first: { id: 1, pseudonym: 'P0001', ...patient },
    second: { id: 2, pseudonym: 'P0002', ...patient },
    reason: 'name, birth date and sex are the same',
    obstacle,
  };
}

test('a merge is asked twice and says what it brings', async () => {
  let left = [pair()];
  const sent: unknown[] = [];
  serve({
    'GET /api/projects/demo/duplicates': () => ({ body: left }),
    'POST /api/patients/1/merge': async (request) => {
      sent.push(await request.json());
      left = [];
      return { body: {} };
    },
  });
  openPage(() => <DuplicateOffers />, projectWith('manage_cases'));
  await userEvent.click(await screen.findByRole('button', { name: 'Merge' }));
  expect(sent).toEqual([]);
  expect(screen.getByText(/2 studies of P0002/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Merge for good' }));
  await screen.findAllByText('P0002 is now part of P0001.');
  expect(sent).toEqual([{ other: 2 }]);
  await waitFor(() => expect(screen.queryByText(/may be one person/)).toBeNull());
});

test('two sides of the wall cannot be merged, and can be told apart', async () => {
  const seen = serve({
    'GET /api/projects/demo/duplicates': {
      body: [pair('P0001 and P0002 are in POOL and BENCHMARK, each for good.')],
    },
    'POST /api/patients/1/tell-apart': { status: 204 },
  });
  openPage(() => <DuplicateOffers />, projectWith('manage_cases'));
  await screen.findByText(/POOL and BENCHMARK/);
  expect(screen.getByRole('button', { name: 'Merge' }).hasAttribute('disabled')).toBe(true);
  await userEvent.click(screen.getByRole('button', { name: 'They are two' }));
  await screen.findAllByText('P0001 and P0002 stay two patients.');
  expect(seen.some(({ url }) => url.endsWith('/tell-apart'))).toBe(true);
});

test('offers are for managers alone', async () => {
  const seen = serve({ 'GET /api/projects/demo/duplicates': { body: [pair()] } });
  openPage(() => <DuplicateOffers />, projectWith('view_cases'));
  await Promise.resolve();
  expect(seen).toEqual([]);
});
