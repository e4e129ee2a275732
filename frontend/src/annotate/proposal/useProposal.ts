import { useEffect, useEffectEvent } from 'react';

import type { Task } from '../../api';
import type { Desk } from '../desk';

/** Puts the draft of a task on the desk. */
export function useProposal(desk: Desk | null, task: Task): void {
  const open = useEffectEvent(() => void desk?.draft.open(task));
  const there = task.proposal !== null;
  useEffect(() => open(), [desk, task.id, there]);
  const accepted = task.proposal?.accepted ?? '';
  useEffect(() => desk?.draft.adopt(accepted), [desk, accepted]);
}
