import type { Evaluation, Label } from '../api';
import { scoreOf } from '../rounds/scores';
import { Chart } from '../ui/Chart';

interface TrendProps {
  labels: readonly Label[];
  /** Oldest first. */
  evaluations: readonly Evaluation[];
}

/** Dice per label over the models. */
export function Trend({ labels, evaluations }: TrendProps) {
  const lines = labels
    .filter((label) => evaluations.some(({ mean }) => scoreOf(mean, label) !== null))
    .map((label) => ({
      name: label.name,
      colour: label.colour,
      values: evaluations.map(({ mean }) => scoreOf(mean, label)),
    }));
  return (
    <Chart
      label="Dice per label over the models"
      x={evaluations.map(({ model }) => model)}
      xName="Model"
      lines={lines}
      height={260}
      range={[0, 1]}
      dots
    />
  );
}
