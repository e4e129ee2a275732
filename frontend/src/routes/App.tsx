import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router';

import { Toaster, TooltipProvider } from '../ui';
import { createQueries } from './queries';
import { router } from './router';

const queries = createQueries();

/** The whole application. */
export function App() {
  return (
    <QueryClientProvider client={queries}>
      <TooltipProvider>
        <RouterProvider router={router} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
