import { CircleAlert, Eye } from 'lucide-react';

import { Banner } from '../annotate/Banners';
import { useRefreshTask, useRevisions } from '../annotate/queries';
import type { Project, Task } from '../api';
import { useSession } from '../api';
import { Button } from '../ui';

interface BannerProps {
  task: Task;
  project: Project;
  revision: number | null;
  reload: () => void;
}

/** Why there is nothing to decide here, or that what is on the screen is old. */
export function ReviewBanner({ task, project, revision, reload }: BannerProps) {
  const refresh = useRefreshTask(task.id);
  const drew = useDrew(task);
  if (revision !== null && task.head !== null && revision !== task.head) {
    const again = (): void => {
      refresh();
      reload();
    };
    return (
      <Banner tone="bad" icon={<CircleAlert size={16} />}>
        <strong>The case has changed since you opened it.</strong> Look once more before you decide.{' '}
        <Button size="small" onClick={again}>
          Load the newest
        </Button>
      </Banner>
    );
  }
  if (task.actions.includes('approve')) return null;
  const warns = drew && task.state === 'submitted';
  return (
    <Banner tone={warns ? 'warn' : 'info'} icon={warns ? <CircleAlert size={16} /> : <Eye size={16} />}>
      {whyNot(task, project, drew)}
    </Banner>
  );
}

/** Whether the user has drawn in this case. */
function useDrew(task: Task): boolean {
  const name = useSession().data?.user.display_name;
  const revisions = useRevisions(task.id, task.head);
  return revisions.data?.some(({ author }) => author !== null && author === name) ?? false;
}

function whyNot({ state, assignee }: Task, { capabilities }: Project, drew: boolean): string {
  if (state === 'submitted' && drew) return 'You drew in this case; somebody else has to approve it.';
  if (state === 'submitted' && !capabilities.includes('review'))
    return 'A radiologist decides on this case; you are looking.';
  if (state === 'approved') return 'This case is approved.';
  if (state === 'in_progress') return `${assignee?.display_name ?? 'An annotator'} is drawing in this case.`;
  if (state === 'open') return 'Nobody has submitted this case yet.';
  return state === 'withdrawn' ? 'This case was withdrawn.' : 'You may not decide on this case.';
}
