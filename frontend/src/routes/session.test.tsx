import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, expect, test, vi } from 'vitest';

import { useSignedOut } from '../api';
import type { Session } from '../api';
import { projectWith } from '../testing/screen';
import { serve } from '../testing/server';
import type { Answer } from '../testing/server';
import { TooltipProvider } from '../ui';
import { Gate } from './Gate';
import { lastProject, rememberProject } from './lastProject';
import { ProjectLayout } from './ProjectLayout';
import { createQueries } from './queries';

const SIGNED_OUT: Answer = {
  status: 401,
  body: { code: 'not_authenticated', message: 'Sign in first.', detail: {} },
};

function sessionOf(...capabilities: Session['projects'][number]['capabilities']): Session {
  return {
    user: { id: 1, username: 'ana', display_name: 'Ana Lindqvist' },
    projects: [projectWith(...capabilities)],
  };
}

function open() {
  const children = [{ path: 'worklist', element: <input aria-label="kept" /> }];
  const routes = [
    { Component: Gate, children: [{ path: 'projects/:slug', Component: ProjectLayout, children }] },
  ];
  const router = createMemoryRouter(routes, { initialEntries: ['/projects/demo/worklist'] });
  render(
    <QueryClientProvider client={createQueries()}>
      <TooltipProvider>
        <RouterProvider router={router} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  useSignedOut.getState().restore();
  window.localStorage.clear();
});

test('who is not signed in is asked to, and a wrong password is said', async () => {
  const body = { code: 'invalid', message: 'Wrong user name or password.', detail: {} };
  let right = false;
  serve({
    'GET /api/session': SIGNED_OUT,
    'POST /api/session': () => (right ? { body: sessionOf('view_cases') } : { status: 400, body }),
  });
  open();
  await userEvent.type(await screen.findByLabelText('User name'), 'ana');
  await userEvent.type(screen.getByLabelText('Password'), 'wrong{Enter}');
  await screen.findByText('Wrong user name or password.');
  right = true;
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByLabelText('kept');
});

test('the rail shows what the capabilities allow and nothing else', async () => {
  serve({ 'GET /api/session': { body: sessionOf('view_cases', 'draw') } });
  open();
  await screen.findByRole('link', { name: 'Worklist' });
  const links = screen.getAllByRole('link').map((link) => link.textContent);
  expect(links).toEqual(['To the page', 'Ninefold', 'Worklist', 'Studies']);
});

test('a session that ends is opened again in place and the page keeps what was typed', async () => {
  const session = sessionOf('view_cases');
  serve({ 'GET /api/session': { body: session }, 'POST /api/session': { body: session } });
  open();
  await userEvent.type(await screen.findByLabelText('kept'), 'half a remark');
  useSignedOut.getState().expire();
  await screen.findByRole('dialog', { name: 'Your session has ended' });
  await userEvent.type(screen.getByLabelText('Password'), 'secret{Enter}');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(screen.getByLabelText<HTMLInputElement>('kept').value).toBe('half a remark');
});

test('signing out leads to the door', async () => {
  serve({ 'GET /api/session': { body: sessionOf('view_cases') }, 'DELETE /api/session': { status: 204 } });
  open();
  await userEvent.click(await screen.findByRole('button', { name: 'Account of Ana Lindqvist' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  await screen.findByRole('button', { name: 'Sign in' });
  expect(screen.queryByLabelText('kept')).toBeNull();
});

test('signing in fetches the token against forged requests when the cookies were cleared', async () => {
  document.cookie = 'csrftoken=; max-age=0';
  const give = () => {
    document.cookie = 'csrftoken=fresh';
    return SIGNED_OUT;
  };
  const seen = serve({ 'GET /api/session': give, 'POST /api/session': { body: sessionOf('view_cases') } });
  open();
  await userEvent.type(await screen.findByLabelText('User name'), 'ana');
  document.cookie = 'csrftoken=; max-age=0';
  await userEvent.type(screen.getByLabelText('Password'), 'secret{Enter}');
  await screen.findByLabelText('kept');
  expect(seen.find(({ method }) => method === 'POST')?.headers.get('X-CSRFToken')).toBe('fresh');
});

test('a project that the user is not in is not there', async () => {
  serve({ 'GET /api/session': { body: { ...sessionOf('view_cases'), projects: [] } } });
  open();
  await screen.findByText('There is no such page');
});

test('the project that was open last comes first, while the user is still in it', () => {
  const [one, two] = [projectWith(), { ...projectWith(), slug: 'two' }];
  rememberProject('two');
  expect(lastProject([one, two])?.slug).toBe('two');
  expect(lastProject([one])?.slug).toBe('demo');
  expect(lastProject([])).toBeUndefined();
});
