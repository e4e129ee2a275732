import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';

import type { Round } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { ago, Badge, Card, EmptyState, ErrorState, LoadMore, PageHeader, Skeleton, Table } from '../ui';
import type { Column } from '../ui';
import { ModelTable } from './ModelTable';
import { isLive, useRounds } from './queries';
import { RoundDetail } from './RoundDetail';
import { StartRound } from './StartRound';
import { Steps } from './Steps';
import { roundState } from './words';

/** The loop: freeze, train, score, promote, draft. */
export function RoundsPage() {
  const project = useCurrentProject();
  const list = useRounds(project.slug);
  const live = list.items?.some(isLive) ?? false;
  return (
    <div className="page">
      <PageHeader
        title="Rounds"
        lead="Each round freezes what is approved, trains on it, and lets a model that is no worse draft the open cases."
        actions={can(project, 'manage_rounds') && <StartRound slug={project.slug} live={live} />}
      />
      {list.isError && list.items === undefined && (
        <ErrorState error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Skeleton height={380} />}
      {list.items !== undefined && (
        <Rounds rounds={list.items}>
          <LoadMore {...list} />
        </Rounds>
      )}
      <ModelTable live={live} />
    </div>
  );
}

/** The newest round at length, and all of them as rows. */
function Rounds({ rounds, children }: { rounds: readonly Round[]; children: ReactNode }) {
  const [newest] = rounds;
  if (newest === undefined) {
    return (
      <Card>
        <EmptyState icon={<RefreshCw size={24} />} title="No round yet">
          A round can start as soon as two cases of the pool are approved.
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      <RoundDetail key={newest.id} round={newest} title={`Round ${newest.number}`} />
      <Card title="All rounds" flush>
        <RoundTable rounds={rounds} />
        {children}
      </Card>
    </>
  );
}

function RoundTable({ rounds }: { rounds: readonly Round[] }) {
  const { slug } = useCurrentProject();
  const navigate = useNavigate();
  const address = (round: Round) => `/projects/${slug}/rounds/${round.id}`;
  const columns: Column<Round>[] = [
    {
      key: 'round',
      title: 'Round',
      width: 100,
      cell: (round) => (
        <Link to={address(round)} className="task-name" onClick={(event) => event.stopPropagation()}>
          Round {round.number}
        </Link>
      ),
    },
    {
      key: 'state',
      title: 'State',
      width: 120,
      cell: (round) => {
        const [word, tone] = roundState(round.state);
        return (
          <Badge tone={tone} dot>
            {word}
          </Badge>
        );
      },
    },
    {
      key: 'steps',
      title: 'Steps',
      width: 'var(--round-steps)',
      cell: (round) => <Steps steps={round.steps} small />,
    },
    { key: 'cases', title: 'Cases', width: 68, align: 'right', cell: (round) => round.snapshot?.cases ?? '' },
    {
      key: 'verdict',
      title: 'Outcome',
      cell: (round) => {
        const outcome = round.error || round.verdict;
        return (
          <span className="round-outcome muted" title={outcome}>
            {outcome}
          </span>
        );
      },
    },
    {
      key: 'when',
      title: 'Started',
      width: 112,
      align: 'right',
      cell: (round) => <span className="muted">{ago(round.created_at)}</span>,
    },
  ];
  return (
    <Table
      label="Rounds"
      columns={columns}
      rows={rounds}
      rowKey={(round) => round.id}
      onOpen={(round) => void navigate(address(round))}
    />
  );
}
