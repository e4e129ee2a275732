import { createBrowserRouter } from 'react-router';
import type { RouteObject } from 'react-router';

import { Gate } from './Gate';
import { GoHome } from './GoHome';
import { NotFoundPage } from './NotFoundPage';
import { ProjectLayout } from './ProjectLayout';
import { RouteError } from './RouteError';
import { PageWait } from './PageWait';

const projectRoutes: RouteObject[] = [
  {
    path: 'worklist',
    lazy: async () => ({ Component: (await import('../worklist/WorklistPage')).WorklistPage }),
  },
  {
    path: 'review',
    lazy: async () => ({ Component: (await import('../worklist/ReviewQueuePage')).ReviewQueuePage }),
  },
  {
    path: 'studies',
    lazy: async () => ({ Component: (await import('../studies/StudiesPage')).StudiesPage }),
  },
  {
    path: 'imports',
    lazy: async () => ({ Component: (await import('../studies/ImportsPage')).ImportsPage }),
  },
  {
    path: 'checks',
    lazy: async () => ({ Component: (await import('../studies/checks/ChecksPage')).ChecksPage }),
  },
  {
    path: 'identities',
    lazy: async () => ({ Component: (await import('../studies/identities/IdentitiesPage')).IdentitiesPage }),
  },
  {
    path: 'patients/:patientId',
    lazy: async () => ({ Component: (await import('../studies/PatientPage')).PatientPage }),
  },
  { path: 'rounds', lazy: async () => ({ Component: (await import('../rounds/RoundsPage')).RoundsPage }) },
  {
    path: 'rounds/:roundId',
    lazy: async () => ({ Component: (await import('../rounds/RoundPage')).RoundPage }),
  },
  {
    path: 'batches',
    lazy: async () => ({ Component: (await import('../batches/BatchesPage')).BatchesPage }),
  },
  {
    path: 'benchmark',
    lazy: async () => ({ Component: (await import('../benchmarks/BenchmarkPage')).BenchmarkPage }),
  },
  {
    path: 'datasets',
    lazy: async () => ({ Component: (await import('../datasets/DatasetsPage')).DatasetsPage }),
  },
  { path: 'audit', lazy: async () => ({ Component: (await import('../audit/AuditPage')).AuditPage }) },
  { path: '*', Component: NotFoundPage },
];

/** Every address of the application. */
export const router = createBrowserRouter([
  {
    Component: Gate,
    ErrorBoundary: RouteError,
    HydrateFallback: PageWait,
    children: [
      { index: true, Component: GoHome },
      {
        path: 'projects/:slug',
        Component: ProjectLayout,
        children: projectRoutes,
        ErrorBoundary: RouteError,
      },
      {
        path: 'tasks/:taskId',
        lazy: async () => ({ Component: (await import('../annotate/AnnotatePage')).AnnotatePage }),
        ErrorBoundary: RouteError,
      },
      {
        path: 'review/:taskId',
        lazy: async () => ({ Component: (await import('../review/ReviewPage')).ReviewPage }),
        ErrorBoundary: RouteError,
      },
      { path: '*', Component: NotFoundPage },
    ],
  },
]);
