import { useParams } from 'react-router';

import { useProject, useSession } from '../api';
import { ErrorState } from '../ui';
import { PageWait } from '../routes/PageWait';
import { useTask, useVolume } from './queries';
import { Workspace } from './Workspace';

/** Where a case is drawn: `/tasks/:taskId`. */
export function AnnotatePage() {
  const taskId = Number(useParams().taskId);
  const task = useTask(taskId);
  const volume = useVolume(task.data?.volume_id);
  const project = useProject(task.data?.project);
  const user = useSession().data?.user;
  const failed = [task, volume].find((query) => query.isError && query.data === undefined);
  if (failed) return <ErrorState error={failed.error} retry={() => void failed.refetch()} />;
  if (!task.data || !volume.data || !project || !user) return <PageWait />;
  return (
    <Workspace key={task.data.id} task={task.data} volume={volume.data} project={project} userId={user.id} />
  );
}
