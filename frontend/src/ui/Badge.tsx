import type { ReactNode } from 'react';

import './badge.css';
import { classes } from './classes';

export type Tone = 'neutral' | 'info' | 'warn' | 'good' | 'bad' | 'accent';

interface BadgeProps {
  tone?: Tone;
  dot?: boolean;
  icon?: ReactNode;
  children: ReactNode;
}

/** A short word about the state of a thing. */
export function Badge({ tone = 'neutral', dot = false, icon, children }: BadgeProps) {
  return (
    <span className={classes('badge', `badge-${tone}`)}>
      {dot && <span className="badge-dot" aria-hidden="true" />}
      {icon}
      {children}
    </span>
  );
}

const TASK_STATES: Record<string, [string, Tone]> = {
  open: ['Open', 'neutral'],
  in_progress: ['In progress', 'info'],
  submitted: ['Submitted', 'warn'],
  approved: ['Approved', 'good'],
  withdrawn: ['Withdrawn', 'neutral'],
  returned: ['Returned', 'bad'],
};

/** Where a task stands. */
export function TaskStateBadge({ state }: { state: string }) {
  const [word, tone] = TASK_STATES[state] ?? [state, 'neutral'];
  return (
    <Badge tone={tone} dot>
      {word}
    </Badge>
  );
}
