import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import './states.css';
import { Button } from './Button';
import { explain } from '../api/errors';

interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Nothing is here: why, and what to do. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="state">
      {icon !== undefined && <div className="state-icon">{icon}</div>}
      <h3>{title}</h3>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  );
}

interface ErrorStateProps {
  error: unknown;
  retry?: (() => void) | undefined;
}

/** Something failed: what, what to do, and another try. */
export function ErrorState({ error, retry }: ErrorStateProps) {
  const { title, advice } = explain(error);
  return (
    <div className="state" role="alert">
      <div className="state-icon state-icon-bad">
        <CircleAlert size={24} />
      </div>
      <h3>{title}</h3>
      {advice !== '' && <p>{advice}</p>}
      {retry !== undefined && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

export type NoticeTone = 'info' | 'warn' | 'bad' | 'good';

/** A sentence that stands in the page. */
export function Notice({ tone = 'info', children }: { tone?: NoticeTone; children: ReactNode }) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : 'note'}>
      {children}
    </div>
  );
}
