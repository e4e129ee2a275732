import { Database, Gauge, ListChecks, ListPlus, RefreshCw, ScanLine, ScrollText, Stamp } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { CapabilityName } from './currentProject';

export interface Place {
  path: string;
  name: string;
  icon: LucideIcon;
  needs: CapabilityName;
  /** Further addresses that belong to it. */
  also?: readonly string[];
}

/** The places of a project in the order of the rail. */
export const PLACES: readonly Place[] = [
  { path: 'worklist', name: 'Worklist', icon: ListChecks, needs: 'view_cases' },
  { path: 'review', name: 'Review', icon: Stamp, needs: 'review' },
  {
    path: 'studies',
    name: 'Studies',
    icon: ScanLine,
    needs: 'view_cases',
    also: ['patients', 'imports', 'checks'],
  },
  { path: 'rounds', name: 'Rounds', icon: RefreshCw, needs: 'view_rounds' },
  { path: 'batches', name: 'Next batch', icon: ListPlus, needs: 'view_rounds' },
  { path: 'benchmark', name: 'Benchmark', icon: Gauge, needs: 'view_rounds' },
  { path: 'datasets', name: 'Datasets', icon: Database, needs: 'export' },
  { path: 'audit', name: 'Audit', icon: ScrollText, needs: 'view_audit' },
];
