import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

import type { Task } from '../api';
import { Badge, TaskStateBadge, Tooltip } from '../ui';
import './case-header.css';

interface CaseHeaderProps {
  task: Task;
  /** Where the arrow leads. */
  back: { to: string; name: string };
  children?: ReactNode;
}

/** Which case this is, where it stands, and what is done with it. */
export function CaseHeader({ task, back, children }: CaseHeaderProps) {
  return (
    <header className="case-header">
      <Tooltip text={`Back to the ${back.name}`}>
        <Link className="case-back" to={back.to} aria-label={`Back to the ${back.name}`}>
          <ArrowLeft size={18} />
        </Link>
      </Tooltip>
      <h1 className="case-name">{task.patient.pseudonym}</h1>
      <TaskStateBadge state={task.state} />
      {task.is_benchmark && <Badge tone="accent">Benchmark</Badge>}
      {task.reading > 1 && <Badge>Reading {task.reading}</Badge>}
      {task.assignee !== null && <span className="case-assignee">{task.assignee.display_name}</span>}
      <span className="case-space" />
      {children}
    </header>
  );
}
