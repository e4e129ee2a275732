import type { ReactNode } from 'react';

import './page.css';

interface PageHeaderProps {
  title: ReactNode;
  lead?: ReactNode;
  above?: ReactNode;
  actions?: ReactNode;
}

/** Title of a page, one sentence under it, and what can be done. */
export function PageHeader({ title, lead, above, actions }: PageHeaderProps) {
  return (
    <header className="page-header">
      <div>
        {above !== undefined && <div className="page-above">{above}</div>}
        <h1>{title}</h1>
        {lead !== undefined && <p className="page-lead">{lead}</p>}
      </div>
      {actions !== undefined && <div className="page-actions">{actions}</div>}
    </header>
  );
}
