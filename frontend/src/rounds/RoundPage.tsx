import { Link, useParams } from 'react-router';

import { useCurrentProject } from '../routes/currentProject';
import { duration, ErrorState, moment, PageHeader, Skeleton } from '../ui';
import { useRound } from './queries';
import { RoundDetail } from './RoundDetail';

/** One round, as it runs or as it went. */
export function RoundPage() {
  const { slug } = useCurrentProject();
  const { roundId } = useParams();
  const round = useRound(Number(roundId));
  if (round.isError && round.data === undefined) {
    return <ErrorState error={round.error} retry={() => void round.refetch()} />;
  }
  if (round.data === undefined) {
    return (
      <div className="page">
        <Skeleton height={52} width={320} />
        <Skeleton height={420} />
      </div>
    );
  }
  const { number, started_by, created_at, ended_at } = round.data;
  const took =
    ended_at === null ? '' : `, took ${duration((Date.parse(ended_at) - Date.parse(created_at)) / 1000)}`;
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${slug}/rounds`}>Rounds</Link>}
        title={`Round ${number}`}
        lead={`Started by ${started_by ?? 'the platform'}, ${moment(created_at)}${took}`}
      />
      <RoundDetail round={round.data} title="From frozen cases to drafts" />
    </div>
  );
}
