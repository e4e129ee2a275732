import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { CheckReport, Finding } from '../../api';
import type { Desk } from '../desk';
import type { Saving } from '../saving';
import { passes, stepped, type Stop, stopsOf, tickOf } from './findings';
import { readReport } from './queries';

export interface Checking {
  report: CheckReport | null;
  busy: boolean;
  failure: Error | null;
  ticked: ReadonlySet<string>;
  /** True where everything that was found lets the case go to review. */
  passed: boolean;
  /** Whether the list of findings stands over the pictures. */
  shown: boolean;
  /** Where the list is. */
  stop: Stop | null;
  /** Save, and look again. */
  run: () => Promise<CheckReport>;
  tick: (finding: Finding) => void;
  goTo: (finding: Finding, place: number | null) => void;
  step: (steps: 1 | -1) => void;
  show: (shown: boolean) => void;
}

/** The checks of the case that is being drawn, and the walk through what they found. */
export function useChecking(desk: Desk | null, saving: Saving | null, taskId: number): Checking {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState(false);
  const [at, setAt] = useState<number | null>(null);
  const checks = useMutation({
    mutationFn: async () => {
      if (saving === null) throw new Error('The case is not open yet.');
      return readReport(taskId, await saving.flush());
    },
    onSuccess: () => setAt(null),
  });
  const report = checks.data ?? null;
  const stops = stopsOf(report?.findings ?? []);
  const visit = (next: number | null): void => {
    const stop = next === null ? undefined : stops[next];
    setAt(stop === undefined ? null : next);
    const place = stop?.place == null ? undefined : stop.finding.places[stop.place];
    if (place?.[0] !== undefined) desk?.goTo(place[0], place[1], place[2]);
  };
  return {
    report,
    busy: checks.isPending,
    failure: checks.error,
    ticked,
    passed: passes(report, ticked),
    shown,
    stop: (at === null ? undefined : stops[at]) ?? null,
    run: () => checks.mutateAsync(),
    tick: (finding) => setTicked(toggled(ticked, tickOf(finding))),
    goTo: (finding, place) => {
      setShown(true);
      visit(stops.findIndex((stop) => stop.finding.key === finding.key && stop.place === place));
    },
    step: (steps) => {
      setShown(true);
      visit(stepped(stops, at, steps));
    },
    show: setShown,
  };
}

function toggled(values: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next;
}
