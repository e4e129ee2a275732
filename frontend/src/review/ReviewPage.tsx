import { useParams } from 'react-router';

import { useTask, useVolume } from '../annotate/queries';
import { useProject } from '../api';
import { PageWait } from '../routes/PageWait';
import { ErrorState } from '../ui';
import { ReviewDesk } from './ReviewDesk';

/** Where a submitted case is approved or given back: `/review/:taskId`. */
export function ReviewPage() {
  const taskId = Number(useParams().taskId);
  const task = useTask(taskId);
  const volume = useVolume(task.data?.volume_id);
  const project = useProject(task.data?.project);
  const failed = [task, volume].find((query) => query.isError && query.data === undefined);
  if (failed) return <ErrorState error={failed.error} retry={() => void failed.refetch()} />;
  if (!task.data || !volume.data || !project) return <PageWait />;
  return <ReviewDesk key={task.data.id} task={task.data} volume={volume.data} project={project} />;
}
