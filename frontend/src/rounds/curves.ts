import type { Label, RunProgress } from '../api';
import type { ChartLine } from '../ui/Chart';

export interface Curves {
  epochs: number[];
  loss: ChartLine[];
  dice: ChartLine[];
}

/** Lines that ended an epoch, one per epoch: a run that was resumed tells an epoch again, and the later one counts. */
function epochLines(progress: readonly RunProgress[]): RunProgress['line'][] {
  const byEpoch = new Map<number, RunProgress['line']>();
  for (const { line } of progress) {
    if (typeof line.epoch === 'number') byEpoch.set(line.epoch, line);
  }
  return [...byEpoch.entries()].sort(([a], [b]) => a - b).map(([, line]) => line);
}

/** Training curves out of progress lines: loss, and nnU-Net's running Dice per label. */
export function curvesOf(progress: readonly RunProgress[], labels: readonly Label[]): Curves {
  const lines = epochLines(progress);
  const seen = new Set(lines.flatMap((line) => Object.keys(line.pseudo_dice)));
  return {
    epochs: lines.map((line) => line.epoch ?? 0),
    loss: [
      { name: 'training', colour: '#3cc8c4', values: lines.map((line) => line.train_loss ?? null) },
      {
        name: 'validation',
        colour: '#f0bb55',
        values: lines.map((line) => line.val_loss ?? null),
        dashed: true,
      },
    ],
    dice: labels
      .filter(({ name }) => seen.has(name))
      .map(({ name, colour }) => ({
        name,
        colour,
        values: lines.map((line) => line.pseudo_dice[name] ?? null),
      })),
  };
}
