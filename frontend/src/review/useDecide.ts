import { useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { type Move, useTaskMove } from '../annotate/queries';
import type { Task } from '../api';
import { api, call } from '../api';
import { toast } from '../ui';

/** Takes a decision on a case, then opens the next one that waits, or the queue. */
export function useDecide(task: Task) {
  const move = useTaskMove(task);
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (decision: Extract<Move, { action: 'approve' | 'return' }>) => {
      await move.mutateAsync(decision);
      const word = decision.action === 'approve' ? 'approved' : 'returned';
      toast.good(`${task.patient.pseudonym} is ${word}.`);
      const next = await nextInQueue(task);
      if (next === null) toast.info('Nothing else waits for your review.');
      await navigate(next === null ? `/projects/${task.project}/review` : `/review/${next.id}`);
    },
  });
}

async function nextInQueue({ id, project }: Task): Promise<Task | null> {
  const params = { path: { slug: project }, query: { review: true } };
  const { results } = await call(api.GET('/api/projects/{slug}/tasks', { params }));
  return results.find((task) => task.id !== id) ?? null;
}
