import type { Evaluation, Label } from '../api';
import { Delta } from '../rounds/Delta';
import { change, meanScore, scoreOf } from '../rounds/scores';
import { Swatch } from '../ui';

// Share of the accent behind a Dice of 1, in per cent; text stays legible on it.
const STRENGTH = 62;

interface CellProps {
  score: number | null;
  before: number | null;
}

/** A score on its shade: the darker the field, the lower the Dice. */
function Cell({ score, before }: CellProps) {
  if (score === null) {
    return (
      <td className="matrix-none" title="The label is in no case of the benchmark">
        –
      </td>
    );
  }
  const share = Math.round(score * score * STRENGTH);
  return (
    <td style={{ background: `color-mix(in srgb, var(--accent) ${share}%, transparent)` }}>
      <b>{score.toFixed(3)}</b>
      <Delta value={change(score, before)} />
    </td>
  );
}

interface ScoreMatrixProps {
  labels: readonly Label[];
  /** Oldest first. */
  evaluations: readonly Evaluation[];
}

/** Dice of every label (rows) for every model (columns), each with its change against the model before. */
export function ScoreMatrix({ labels, evaluations }: ScoreMatrixProps) {
  return (
    <div className="matrix-scroll" tabIndex={0} role="region" aria-label="Dice per label and model">
      <table className="matrix">
        <thead>
          <tr>
            <th scope="col">Label</th>
            {evaluations.map(({ model, cases }) => (
              <th key={model} scope="col">
                Model {model}
                <small>{cases} cases</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {labels.map((label) => (
            <tr key={label.value}>
              <th scope="row">
                <Swatch colour={label.colour} /> {label.name}
              </th>
              {evaluations.map(({ model, mean }, n) => (
                <Cell
                  key={model}
                  score={scoreOf(mean, label)}
                  before={scoreOf(evaluations[n - 1]?.mean, label)}
                />
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Mean</th>
            {evaluations.map(({ model, mean }, n) => (
              <Cell key={model} score={meanScore(mean)} before={meanScore(evaluations[n - 1]?.mean)} />
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
