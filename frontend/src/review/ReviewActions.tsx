import { Check, CornerUpLeft } from 'lucide-react';

import { hintOf } from '../annotate/keys';
import type { Task } from '../api';
import { Button, KeyHint } from '../ui';
import './review.css';

interface ActionsProps {
  task: Task;
  /** Revision on the screen, null while it is on its way. */
  revision: number | null;
  ask: (what: 'approve' | 'return') => void;
}

/** The two decisions, where the reviewer may take them. */
export function ReviewActions({ task, revision, ask }: ActionsProps) {
  const may = (action: 'approve' | 'return'): boolean => task.actions.includes(action);
  const loading = revision === null;
  return (
    <>
      {revision !== null && <span className="review-revision">rev. {revision}</span>}
      {may('return') && (
        <Button icon={<CornerUpLeft size={16} />} disabled={loading} onClick={() => ask('return')}>
          Return <KeyHint keys={hintOf('return')} />
        </Button>
      )}
      {may('approve') && (
        <Button kind="primary" icon={<Check size={16} />} disabled={loading} onClick={() => ask('approve')}>
          Approve <KeyHint keys={hintOf('approve')} />
        </Button>
      )}
    </>
  );
}
