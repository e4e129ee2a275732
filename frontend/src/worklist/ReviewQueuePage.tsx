import { Stamp } from 'lucide-react';
import { useNavigate } from 'react-router';

import type { Task } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Button, Card, EmptyState, ErrorState, KeyHint, LoadMore, PageHeader, useRowCursor } from '../ui';
import { useTasks } from './queries';
import { TaskTable } from './TaskTable';

const address = (task: Task) => `/review/${task.id}`;

/** What waits for a radiologist. */
export function ReviewQueuePage() {
  const { slug } = useCurrentProject();
  const list = useTasks(slug, 'review');
  const navigate = useNavigate();
  const open = (task: Task | undefined) => task && void navigate(address(task));
  const current = useRowCursor(list.items?.length ?? 0, (n) => open(list.items?.[n]));
  const first = list.items?.[0];
  return (
    <div className="page">
      <PageHeader
        title="Review"
        lead="Approve what is right; return what is not, with a reason. Cases in which you drew are for somebody else."
        actions={
          first && (
            <Button kind="primary" size="large" onClick={() => open(first)}>
              Review the oldest
            </Button>
          )
        }
      />
      <Card
        flush
        title="Submitted, oldest first"
        actions={
          <span className="muted">
            <KeyHint keys="J" /> <KeyHint keys="K" /> walk · <KeyHint keys="Enter" /> open
          </span>
        }
      >
        {list.isError && list.items === undefined ? (
          <ErrorState error={list.error} retry={() => void list.refetch()} />
        ) : list.items?.length === 0 ? (
          <EmptyState icon={<Stamp size={24} />} title="Nothing waits for your review">
            Cases appear here as soon as an annotator submits them.
          </EmptyState>
        ) : (
          <>
            <TaskTable label="Review" tasks={list.items} current={current} address={address} onOpen={open} />
            <LoadMore {...list} />
          </>
        )}
      </Card>
    </div>
  );
}
