import { useQuery } from '@tanstack/react-query';

import { api, call } from '../../api';
import type { CheckReport } from '../../api';

/** What the checks find in a revision of a task. */
export function readReport(id: number, revision: number): Promise<CheckReport> {
  return call(api.GET('/api/tasks/{id}/checks', { params: { path: { id }, query: { revision } } }));
}

/** The report on a revision that does not change any more. */
export function useReport(id: number, revision: number | null) {
  return useQuery({
    queryKey: ['task', id, 'checks', revision],
    queryFn: () => readReport(id, revision ?? 0),
    enabled: revision !== null,
  });
}
