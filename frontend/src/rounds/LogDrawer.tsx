import { useEffect, useRef } from 'react';

import type { Round, Run } from '../api';
import { Dialog, ErrorState, Select, Skeleton } from '../ui';
import { useRunLog } from './queries';

const KINDS: Record<string, string> = { train: 'Training', score: 'Scoring', draft: 'Drafting' };
const ENDS: readonly string[] = ['done', 'failed', 'cancelled'];

interface LogDrawerProps {
  round: Round;
  run: Run | null;
  onChange: (run: Run | null) => void;
}

/** The end of a run's log at the right edge. */
export function LogDrawer({ round, run, onChange }: LogDrawerProps) {
  const options = round.runs.map(({ id, kind, attempt }) => ({
    value: String(id),
    label: `${KINDS[kind] ?? kind}, attempt ${Math.max(1, attempt)}`,
  }));
  return (
    <Dialog
      form="drawer"
      wide
      open={run !== null}
      onClose={() => onChange(null)}
      title={`Log of round ${round.number}`}
    >
      {run !== null && (
        <>
          <div>
            <Select
              label="Run"
              value={String(run.id)}
              options={options}
              onChange={(id) => onChange(round.runs.find((one) => String(one.id) === id) ?? null)}
            />
          </div>
          <LogText key={run.id} run={run} />
        </>
      )}
    </Dialog>
  );
}

function LogText({ run }: { run: Run }) {
  const log = useRunLog(run.id, !ENDS.includes(run.state));
  const place = useRef<HTMLPreElement>(null);
  const follow = useRef(true);
  useEffect(() => {
    const node = place.current;
    if (node !== null && follow.current) node.scrollTop = node.scrollHeight;
  }, [log.data]);
  if (log.isError && log.data === undefined)
    return <ErrorState error={log.error} retry={() => void log.refetch()} />;
  if (log.isPending) return <Skeleton height={320} />;
  return (
    <pre
      ref={place}
      className="log"
      tabIndex={0}
      aria-label="Log"
      onScroll={({ currentTarget: node }) => {
        follow.current = node.scrollHeight - node.scrollTop - node.clientHeight < 24;
      }}
    >
      {log.data === '' ? 'The run has written nothing yet.' : log.data}
    </pre>
  );
}
