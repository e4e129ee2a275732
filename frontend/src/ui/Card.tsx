import type { ReactNode } from 'react';

import './card.css';
import { classes } from './classes';

interface CardProps {
  title?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
}

/** A surface with a heading. Flush lets a table run to its edges. */
export function Card({ title, actions, flush = false, className, children }: CardProps) {
  return (
    <section className={classes('card', className)}>
      {title !== undefined && (
        <header className="card-head">
          <h2>{title}</h2>
          <div className="card-actions">{actions}</div>
        </header>
      )}
      <div className={flush ? undefined : 'card-body'}>{children}</div>
    </section>
  );
}
