import { useRevisions } from '../annotate/queries';
import type { Task } from '../api';
import { classes, Spinner } from '../ui';
import type { DifferenceCounts } from '../viewer';
import { DIFFERENCE_COLOURS } from '../viewer';
import { type Since, sincePoints } from './changes';
import './review.css';

interface ChangesProps {
  task: Task;
  since: Since | null;
  setSince: (since: Since | null) => void;
  counts: DifferenceCounts | null;
}

/** The mask as it is, or what was changed in it since the draft or the last review. */
export function ChangesPanel({ task, since, setSince, counts }: ChangesProps) {
  const revisions = useRevisions(task.id, task.head);
  const points = sincePoints(revisions.data ?? [], task.last_review);
  if (points.length === 0) return null;
  return (
    <section className="side-section" aria-labelledby="changes-title">
      <h3 id="changes-title" className="side-title">
        Changes
      </h3>
      <div className="since-list" role="radiogroup" aria-labelledby="changes-title">
        <Choice on={since === null} choose={() => setSince(null)}>
          The mask as it is
        </Choice>
        {points.map((point) => (
          <Choice key={point.revision} on={since?.revision === point.revision} choose={() => setSince(point)}>
            Since {point.name}
          </Choice>
        ))}
      </div>
      {since !== null &&
        (counts === null ? <Spinner size={16} label="Comparing" /> : <Legend counts={counts} />)}
    </section>
  );
}

function Choice({ on, choose, children }: { on: boolean; choose: () => void; children: React.ReactNode }) {
  return (
    <button
      type="button"
      role="radio"
      aria-checked={on}
      className={classes('since-choice', on && 'since-choice-on')}
      onClick={choose}
    >
      {children}
    </button>
  );
}

const WORDS = { added: 'Added', removed: 'Removed', relabelled: 'Relabelled' } as const;

function Legend({ counts }: { counts: DifferenceCounts }) {
  return (
    <dl className="difference">
      {(['added', 'removed', 'relabelled'] as const).map((kind) => (
        <div key={kind}>
          <dt>
            <span className="label-swatch" style={{ background: DIFFERENCE_COLOURS[kind] }} />
            {WORDS[kind]}
          </dt>
          <dd data-testid={`difference-${kind}`}>{counts[kind].toLocaleString('en-GB')} voxels</dd>
        </div>
      ))}
    </dl>
  );
}
