import type { Task } from '../api';
import { explain } from '../api';
import { ConfirmDialog, Notice } from '../ui';
import { useDecide } from './useDecide';

interface ApproveProps {
  task: Task;
  /** Revision on the screen, null while it is on its way. */
  revision: number | null;
  onClose: () => void;
}

/** Asks before a mask is pinned for good. */
export function ApproveDialog({ task, revision, onClose }: ApproveProps) {
  const decide = useDecide(task);
  if (revision === null) return null;
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={() => decide.mutate({ action: 'approve', revision })}
      title={`Approve ${task.patient.pseudonym}`}
      word="Approve"
      busy={decide.isPending}
    >
      <p>
        Revision {revision} is pinned as the truth of this case
        {task.is_benchmark ? ', and models are scored against it' : ', and models learn from it'}. It cannot
        be changed after.
      </p>
      {decide.isError && <Notice tone="bad">{explain(decide.error).title}</Notice>}
    </ConfirmDialog>
  );
}
