import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';

import type { ReportLine } from '../api';
import { classes } from '../ui';
import './report.css';

const ICONS = { ok: CircleCheck, warning: TriangleAlert, error: CircleAlert };
const ORDER = { error: 0, warning: 1, ok: 2 };

/** Lines with what needs a person first. */
export function sortedReport(report: readonly ReportLine[]): ReportLine[] {
  return [...report].sort((a, b) => ORDER[a.level] - ORDER[b.level]);
}

interface ReportLinesProps {
  label: string;
  lines: readonly ReportLine[];
  /** Lines may still come. */
  live?: boolean;
  /** All lines speak of one thing, which is named above them. */
  ofOne?: boolean;
}

/** What an import said, line by line, with what to do about it. */
export function ReportLines({ label, lines, live = false, ofOne = false }: ReportLinesProps) {
  return (
    <ul
      className={classes('report', ofOne && 'report-reasons')}
      aria-label={label}
      aria-live={live ? 'polite' : undefined}
    >
      {sortedReport(lines).map((line, n) => {
        const Icon = ICONS[line.level];
        return (
          <li key={n} className={`report-${line.level}`}>
            <Icon size={16} role="img" aria-label={line.level} />
            {!ofOne && <strong>{line.subject}</strong>}
            <span>
              {line.message} {line.action !== '' && <span className="muted">{line.action}</span>}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
