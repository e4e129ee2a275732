import { Lock } from 'lucide-react';

import type { Benchmark } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Card, CopyText, EmptyState, ErrorState, PageHeader, Skeleton } from '../ui';
import './benchmark.css';
import { CaseList } from './CaseList';
import { ModelCard } from './ModelCard';
import { useBenchmark, useEvaluations } from './queries';
import { ScoreMatrix } from './ScoreMatrix';
import { Trend } from './Trend';

/** The patients that judge every model, and what they said. */
export function BenchmarkPage() {
  const { slug } = useCurrentProject();
  const benchmark = useBenchmark(slug);
  return (
    <div className="page">
      <PageHeader
        title="Benchmark"
        lead="Locked patients, drawn without any draft and never trained on. A model is promoted only if it is no worse here."
      />
      {benchmark.isError && <ErrorState error={benchmark.error} retry={() => void benchmark.refetch()} />}
      {benchmark.isPending && <Skeleton height={88} />}
      {benchmark.data && <Facts benchmark={benchmark.data} />}
      <Scores />
      {benchmark.data && <CaseList cases={benchmark.data.cases} />}
    </div>
  );
}

function Facts({ benchmark }: { benchmark: Benchmark }) {
  const waiting = benchmark.patients - benchmark.approved;
  return (
    <section className="facts">
      <div>
        <b>{benchmark.patients}</b>
        <span>patients locked</span>
      </div>
      <div>
        <b>{benchmark.approved}</b>
        <span>approved references</span>
      </div>
      <div>
        <b>{waiting}</b>
        <span>still to be approved</span>
      </div>
      <div>
        {benchmark.sha256 === '' ? (
          <span className="facts-none">none yet</span>
        ) : (
          <CopyText text={benchmark.sha256} name="hash of the benchmark" />
        )}
        <span>hash of its approved masks</span>
      </div>
    </section>
  );
}

function Scores() {
  const { slug, labels } = useCurrentProject();
  const evaluations = useEvaluations(slug);
  if (evaluations.isError) {
    return (
      <Card title="Dice per label and model">
        <ErrorState error={evaluations.error} retry={() => void evaluations.refetch()} />
      </Card>
    );
  }
  if (evaluations.isPending) return <Skeleton height={420} />;
  if (evaluations.data.length === 0) {
    return (
      <Card title="Dice per label and model">
        <EmptyState icon={<Lock size={24} />} title="No model was scored yet">
          Scores appear after the first round that finds approved references in the benchmark.
        </EmptyState>
      </Card>
    );
  }
  const oldestFirst = [...evaluations.data].reverse();
  return (
    <>
      <div className="benchmark-scores">
        <Card title="Dice per label and model" flush>
          <ScoreMatrix labels={labels} evaluations={oldestFirst} />
        </Card>
        <Card title="Trend">
          <Trend labels={labels} evaluations={oldestFirst} />
        </Card>
      </div>
      <ModelCard evaluations={evaluations.data} />
    </>
  );
}
