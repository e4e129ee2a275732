import { ChevronDown } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import type { ImportRun, ReportLine } from '../api';
import { ago, Badge, Button, bytes, Card, classes, plural, Progress, toast } from '../ui';
import type { Tone } from '../ui';
import { isUnderWay, useCancelImport, useGiveUp } from './queries';
import { ReportLines } from './ReportLines';

const STATES: Record<string, [string, Tone]> = {
  waiting: ['Waiting', 'neutral'],
  running: ['Running', 'info'],
  done: ['Done', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'neutral'],
};

/** The state as a word; an import that refused something did not simply end well. */
function stateOf(run: ImportRun): [string, Tone] {
  const refused = run.report.some((line) => line.level === 'error');
  if (run.state === 'done' && refused) return ['Done with errors', 'warn'];
  if (run.cancelling && isUnderWay(run)) return ['Stopping', 'warn'];
  return STATES[run.state] ?? [run.state, 'neutral'];
}

function summary(run: ImportRun): string {
  const count = (level: ReportLine['level']) => run.report.filter((line) => line.level === level).length;
  const parts = [
    count('error') > 0 && plural(count('error'), 'error'),
    count('warning') > 0 && plural(count('warning'), 'warning'),
    count('ok') > 0 && `${count('ok')} fine`,
  ];
  return parts.filter(Boolean).join(' · ');
}

/** An import that waits for the rest of its files, because their upload was broken off. */
export function BrokenOffCard({ run, slug }: { run: ImportRun; slug: string }) {
  const giveUp = useGiveUp(slug);
  const { received, total, url } = run.upload ?? { received: 0, total: 0, url: '' };
  const action = (
    <Button size="small" busy={giveUp.isPending} onClick={() => giveUp.mutate(url, { onError: tellRefusal })}>
      Give it up
    </Button>
  );
  return (
    <Card title={`Broken off: ${run.source}`} actions={action}>
      <div className="upload">
        <Progress
          label="Files that arrived"
          fraction={total === 0 ? null : received / total}
          message={`${bytes(received)} of ${bytes(total)} arrived`}
        />
        <p className="muted">
          Begun by {run.started_by ?? 'the platform'}, {ago(run.created_at)}. Whoever began it chooses the
          same folder again, and it goes on where it stopped.
        </p>
      </div>
    </Card>
  );
}

interface ImportCardProps {
  run: ImportRun;
  slug: string;
  /** Open at first, as the newest is. */
  open: boolean;
}

/** One import: how far it is, and a line per file or study with what to do about it. */
export function ImportCard({ run, slug, open: startsOpen }: ImportCardProps) {
  const [asked, setOpen] = useState<boolean | null>(null);
  const open = asked ?? (startsOpen || isUnderWay(run));
  const [word, tone] = stateOf(run);
  return (
    <section className="card">
      <button type="button" className="import-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronDown size={16} className={classes('import-chevron', !open && 'import-chevron-shut')} />
        <strong>{run.source}</strong>
        <Badge tone={tone} dot>
          {word}
        </Badge>
        <span className="muted">{summary(run)}</span>
        <span className="import-when faint">
          {run.started_by ?? 'The platform'}, {ago(run.created_at)}
        </span>
      </button>
      {isUnderWay(run) && <UnderWay run={run} slug={slug} />}
      {open && <Report run={run} />}
    </section>
  );
}

/** Seconds until the files of an import are read, at the pace so far; null before there is one. */
export function secondsLeft(run: ImportRun): number | null {
  if (run.started_at === null || run.files_done === 0 || run.state !== 'running') return null;
  // Both moments are the server's: the clock of this computer may be another.
  const elapsedS = (Date.parse(run.updated_at) - Date.parse(run.started_at)) / 1000;
  return elapsedS < 2 ? null : (elapsedS / run.files_done) * (run.files_total - run.files_done);
}

function UnderWay({ run, slug }: { run: ImportRun; slug: string }) {
  const cancel = useCancelImport(slug);
  const isWaiting = run.state === 'waiting';
  return (
    <div className="import-progress import-actions">
      <Progress
        label={`Import of ${run.source}`}
        fraction={run.files_total === 0 ? null : run.files_done / run.files_total}
        secondsLeft={secondsLeft(run)}
        message={
          isWaiting
            ? 'Waiting for a worker'
            : `${run.files_done.toLocaleString('en-GB')} of ${plural(run.files_total, 'file')} read`
        }
      />
      <Button
        size="small"
        disabled={run.cancelling}
        busy={cancel.isPending}
        onClick={() => cancel.mutate(run.id, { onError: tellRefusal })}
      >
        Cancel
      </Button>
    </div>
  );
}

function tellRefusal(error: unknown): void {
  toast.bad(explain(error).title, explain(error).advice);
}

function Report({ run }: { run: ImportRun }) {
  if (run.report.length === 0) {
    return (
      <p className="import-none muted">{isUnderWay(run) ? 'Nothing to tell yet.' : 'There is no report.'}</p>
    );
  }
  return <ReportLines label={`Report on ${run.source}`} lines={run.report} live />;
}
