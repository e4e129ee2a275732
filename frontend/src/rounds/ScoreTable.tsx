import { useCurrentProject } from '../routes/currentProject';
import { Swatch } from '../ui';
import { Delta } from './Delta';
import { change, scoreOf } from './scores';
import type { Scores } from './scores';

interface ScoreTableProps {
  scores: Scores;
  previous: Scores | null | undefined;
}

/** A model's Dice per label on the benchmark, with the change against the model before. */
export function ScoreTable({ scores, previous }: ScoreTableProps) {
  const { labels } = useCurrentProject();
  return (
    <section>
      <h3 className="score-head">
        Dice on the benchmark{' '}
        {previous && <span className="faint">and change against the active model before</span>}
      </h3>
      <ul className="scores">
        {labels.map((label) => {
          const score = scoreOf(scores, label);
          return (
            <li key={label.value}>
              <Swatch colour={label.colour} />
              <span className="score-name">{label.name}</span>
              <b>{score === null ? '–' : score.toFixed(3)}</b>
              <Delta value={change(score, scoreOf(previous, label))} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
