import { ChevronDown, CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import type { ImportRun, ReportLine } from '../api';
import { ago, Badge, Button, bytes, Card, classes, plural, Progress, toast } from '../ui';
import type { Tone } from '../ui';
import { isUnderWay, useGiveUp } from './queries';

const STATES: Record<string, [string, Tone]> = {
  waiting: ['Waiting', 'neutral'],
  running: ['Running', 'info'],
  done: ['Done', 'good'],
  failed: ['Failed', 'bad'],
};

const ICONS = { ok: CircleCheck, warning: TriangleAlert, error: CircleAlert };
const ORDER = { error: 0, warning: 1, ok: 2 };

/** Lines with what needs a person first. */
export function sortedReport(report: readonly ReportLine[]): ReportLine[] {
  return [...report].sort((a, b) => ORDER[a.level] - ORDER[b.level]);
}

/** The state as a word; an import that refused something did not simply end well. */
function stateOf(run: ImportRun): [string, Tone] {
  const refused = run.report.some((line) => line.level === 'error');
  if (run.state === 'done' && refused) return ['Done with errors', 'warn'];
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
    <Button
      size="small"
      busy={giveUp.isPending}
      onClick={() =>
        giveUp.mutate(url, {
          onError: (error) => toast.bad(explain(error).title, explain(error).advice),
        })
      }
    >
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

/** One import: how far it is, and a line per file or study with what to do about it. */
export function ImportCard({ run, open: startsOpen }: { run: ImportRun; open: boolean }) {
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
      {isUnderWay(run) && (
        <div className="import-progress">
          <Progress
            label={`Import of ${run.source}`}
            fraction={run.files_total === 0 ? null : run.files_done / run.files_total}
            message={
              run.state === 'waiting'
                ? 'Waiting for a worker'
                : `${run.files_done} of ${plural(run.files_total, 'file')} read`
            }
          />
        </div>
      )}
      {open && <Report run={run} />}
    </section>
  );
}

function Report({ run }: { run: ImportRun }) {
  if (run.report.length === 0) {
    return (
      <p className="import-none muted">{isUnderWay(run) ? 'Nothing to tell yet.' : 'There is no report.'}</p>
    );
  }
  return (
    <ul className="report" aria-label={`Report on ${run.source}`} aria-live="polite">
      {sortedReport(run.report).map((line, n) => {
        const Icon = ICONS[line.level];
        return (
          <li key={n} className={`report-${line.level}`}>
            <Icon size={16} role="img" aria-label={line.level} />
            <strong>{line.subject}</strong>
            <span>
              {line.message} {line.action !== '' && <span className="muted">{line.action}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
