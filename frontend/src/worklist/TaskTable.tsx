import { Lock, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import type { Task } from '../api';
import { ago, Badge, plural, Table, TaskStateBadge, Thumb, Tooltip } from '../ui';
import type { Column } from '../ui';
import { AskDialog } from './AskDialog';
import './task-table.css';

/** What the screen calls a task's state: one sent back by a reviewer is told apart. */
export function shownState(task: Task): string {
  const sentBack = task.state === 'in_progress' && task.last_review?.decision === 'return';
  return sentBack ? 'returned' : task.state;
}

function CaseCell({ task, to }: { task: Task; to: string }) {
  return (
    <div className="task-case">
      <Thumb src={task.thumbnail} size={44} />
      <div>
        <Link to={to} className="task-name" onClick={(event) => event.stopPropagation()}>
          {task.patient.pseudonym}
        </Link>
        {task.reading > 1 && <small className="muted">reading {task.reading}</small>}
      </div>
    </div>
  );
}

function StateCell({ task }: { task: Task }) {
  const state = shownState(task);
  const badge = <TaskStateBadge state={state} />;
  if (state !== 'returned' || !task.last_review) return badge;
  return (
    <div className="task-returned">
      {badge}
      <small title={task.last_review.reason}>{task.last_review.reason}</small>
    </div>
  );
}

function StartCell({ task }: { task: Task }) {
  if (task.is_benchmark) {
    return (
      <Tooltip text="In the locked benchmark: drawn without a draft, never trained on.">
        <span tabIndex={-1}>
          <Badge icon={<Lock size={12} />}>Benchmark</Badge>
        </span>
      </Tooltip>
    );
  }
  if (!task.proposal) return <span className="faint">From scratch</span>;
  return (
    <Tooltip text="A model has drawn a start for this case. Correct it.">
      <span tabIndex={-1}>
        <Badge tone="accent" icon={<Sparkles size={12} />}>
          Draft by {task.proposal.source}
        </Badge>
      </span>
    </Tooltip>
  );
}

/** Slices asked for, active minutes, voxels corrected; who may, asks for other slices here. */
function WorkCell({ task }: { task: Task }) {
  const [asking, setAsking] = useState(false);
  const minutes = Math.round(task.active_s / 60);
  const words = [
    task.active_s > 0 && (minutes < 1 ? 'under 1 min' : `${minutes} min`),
    task.corrected !== null && `${task.corrected.toLocaleString('en-GB')} voxels`,
  ].filter((word) => word !== false);
  const asked = task.slices === null ? 'Whole volume' : plural(task.slices.length, 'slice');
  return (
    <div className="task-work" onClick={(event) => event.stopPropagation()} role="presentation">
      {task.actions.includes('ask') ? (
        <button type="button" className="task-ask" onClick={() => setAsking(true)} title="Ask for slices">
          {asked}
        </button>
      ) : (
        <span className={task.slices === null ? 'faint' : undefined}>{asked}</span>
      )}
      {words.length > 0 && (
        <small className="muted" title="Active time, and voxels changed by hand">
          {words.join(' · ')}
        </small>
      )}
      {asking && <AskDialog task={task} onClose={() => setAsking(false)} />}
    </div>
  );
}

function columns(address: (task: Task) => string): Column<Task>[] {
  return [
    { key: 'case', title: 'Case', cell: (task) => <CaseCell task={task} to={address(task)} /> },
    { key: 'state', title: 'State', width: '21%', cell: (task) => <StateCell task={task} /> },
    { key: 'start', title: 'Start', width: 184, cell: (task) => <StartCell task={task} /> },
    { key: 'work', title: 'Work', width: 150, cell: (task) => <WorkCell task={task} /> },
    {
      key: 'assignee',
      title: 'Assignee',
      width: '16%',
      cell: (task) => task.assignee?.display_name ?? <span className="faint">Nobody</span>,
    },
    {
      key: 'updated',
      title: 'Updated',
      width: 116,
      align: 'right',
      cell: (task) => <span className="muted">{ago(task.updated_at)}</span>,
    },
  ];
}

interface TaskTableProps {
  label: string;
  tasks: readonly Task[] | undefined;
  current: number | undefined;
  address: (task: Task) => string;
  onOpen: (task: Task) => void;
}

/** Tasks as rows, for the worklist and the review queue. */
export function TaskTable({ label, tasks, current, address, onOpen }: TaskTableProps) {
  return (
    <Table
      label={label}
      columns={columns(address)}
      rows={tasks}
      rowKey={(task) => task.id}
      current={current}
      onOpen={onOpen}
      rowClass={() => 'task-row'}
      skeletonRows={8}
    />
  );
}
