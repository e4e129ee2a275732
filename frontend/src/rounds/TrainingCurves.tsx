import { useMemo } from 'react';

import type { Round } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { ErrorState, Skeleton } from '../ui';
import { Chart } from '../ui/Chart';
import { curvesOf } from './curves';
import { useProgress } from './queries';

/** Loss and running Dice of a round's training, drawn as they come in. */
export function TrainingCurves({ round }: { round: Round }) {
  const { labels } = useCurrentProject();
  const progress = useProgress(round);
  const curves = useMemo(() => curvesOf(progress.data ?? [], labels), [progress.data, labels]);
  if (progress.isError && progress.data === undefined) {
    return <ErrorState error={progress.error} retry={() => void progress.refetch()} />;
  }
  if (progress.isPending) return <Skeleton height={250} />;
  if (curves.epochs.length === 0) {
    return (
      <p className="curves-none muted">
        {round.state === 'training'
          ? 'The curves begin with the first finished epoch.'
          : 'No epoch was finished.'}
      </p>
    );
  }
  return (
    <div className="curves">
      <div>
        <h3>Loss</h3>
        <Chart label="Loss per epoch" x={curves.epochs} xName="Epoch" lines={curves.loss} />
      </div>
      <div>
        <h3>
          Pseudo-Dice <span className="faint">on patches of the validation fold; the benchmark decides</span>
        </h3>
        <Chart
          label="Pseudo-Dice per epoch"
          x={curves.epochs}
          xName="Epoch"
          lines={curves.dice}
          range={[0, 1]}
          digits={2}
        />
      </div>
    </div>
  );
}
