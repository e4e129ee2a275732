import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ComponentType } from 'react';
import { createMemoryRouter, Outlet, RouterProvider } from 'react-router';

import type { Project } from '../api';
import { Toaster, TooltipProvider } from '../ui';

export const LABELS = [
  { value: 1, name: 'vessel', colour: '#ff0000' },
  { value: 2, name: 'heart', colour: '#00ff00' },
];

/** A project in which the user may do what is named. */
export function projectWith(...capabilities: Project['capabilities']): Project {
  return { id: 1, slug: 'demo', name: 'Demo', role: 'annotator', capabilities, labels: LABELS };
}

/** Draws a page of a project at `/`, with any other address shown as its path. Returns the router. */
export function openPage(Page: ComponentType, project: Project) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter([
    { element: <Outlet context={project} />, children: [{ index: true, Component: Page }] },
    { path: '*', element: <p>elsewhere</p> },
  ]);
  render(
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return router;
}
