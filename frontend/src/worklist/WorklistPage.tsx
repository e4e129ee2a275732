import { ListChecks } from 'lucide-react';
import { useNavigate, useSearchParams } from 'react-router';

import { ApiError, explain } from '../api';
import type { Project, Task, TaskCounts } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  KeyHint,
  LoadMore,
  PageHeader,
  Tabs,
  toast,
  useKeys,
  useRowCursor,
} from '../ui';
import { useNextTask, useTaskCounts, useTasks } from './queries';
import type { TaskView } from './queries';
import { TaskTable } from './TaskTable';

type WorklistView = Exclude<TaskView, 'review'>;

const WORDS: Record<WorklistView, { label: string; empty: string; advice: string }> = {
  mine: {
    label: 'Mine',
    empty: 'You have no case in hand',
    advice: 'Press N to take the next one that waits, or pick one under Open.',
  },
  open: {
    label: 'Open',
    empty: 'No case is waiting',
    advice: 'New ones appear when patients are imported and assigned to the pool or the benchmark.',
  },
  all: {
    label: 'All',
    empty: 'There are no cases yet',
    advice: 'They appear when a manager imports studies and assigns their patients.',
  },
};

const VIEWS = Object.keys(WORDS) as WorklistView[];

function countOf(view: WorklistView, counts: TaskCounts | undefined): number | undefined {
  if (counts === undefined || view !== 'all') return counts?.[view === 'mine' ? 'mine' : 'open'];
  return counts.open + counts.in_progress + counts.submitted + counts.approved + counts.withdrawn;
}

/** The view that the address asks for; those who draw begin with their own cases. */
function useView(project: Project): [WorklistView, (view: string) => void] {
  const [search, setSearch] = useSearchParams();
  const asked = VIEWS.find((view) => view === search.get('view'));
  const view = asked ?? (can(project, 'draw') ? 'mine' : 'all');
  return [view, (next) => setSearch({ view: next }, { replace: true })];
}

const address = (task: Task) => `/tasks/${task.id}`;

/** What waits to be drawn. */
export function WorklistPage() {
  const project = useCurrentProject();
  const [view, setView] = useView(project);
  const counts = useTaskCounts(project.slug).data;
  const tabs = VIEWS.map((value) => ({ value, label: WORDS[value].label, count: countOf(value, counts) }));
  return (
    <div className="page">
      <PageHeader
        title="Worklist"
        lead="Draw or correct the nine labels of a case, then submit it to a radiologist."
        actions={can(project, 'draw') && <NextCase slug={project.slug} />}
      />
      <Card flush>
        <Tabs label="Cases" tabs={tabs} value={view} onChange={setView}>
          <TaskList key={view} slug={project.slug} view={view} />
        </Tabs>
      </Card>
    </div>
  );
}

function NextCase({ slug }: { slug: string }) {
  const next = useNextTask(slug);
  const navigate = useNavigate();
  const take = () =>
    next.mutate(undefined, {
      onSuccess: (task) => void navigate(address(task)),
      onError: (error) => {
        const { title, advice } = explain(error);
        if (error instanceof ApiError && error.code === 'not_found')
          toast.info(title, 'Every open case is taken.');
        else toast.bad(title, advice);
      },
    });
  useKeys({ n: take }, !next.isPending);
  return (
    <Button kind="primary" size="large" busy={next.isPending} onClick={take}>
      Next case <KeyHint keys="N" />
    </Button>
  );
}

function TaskList({ slug, view }: { slug: string; view: WorklistView }) {
  const list = useTasks(slug, view);
  const navigate = useNavigate();
  const open = (task: Task | undefined) => task && void navigate(address(task));
  const current = useRowCursor(list.items?.length ?? 0, (n) => open(list.items?.[n]));
  if (list.isError && list.items === undefined) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.items?.length === 0) {
    return (
      <EmptyState icon={<ListChecks size={24} />} title={WORDS[view].empty}>
        {WORDS[view].advice}
      </EmptyState>
    );
  }
  return (
    <>
      <TaskTable
        label={WORDS[view].label}
        tasks={list.items}
        current={current}
        address={address}
        onOpen={open}
      />
      <LoadMore {...list} />
    </>
  );
}
