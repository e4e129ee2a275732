import { MapPin } from 'lucide-react';

import { useRevisions } from '../annotate/queries';
import type { Remark, Task } from '../api';
import { ago, Badge, plural } from '../ui';
import { authorsOf } from './changes';
import './review.css';

interface HistoryProps {
  task: Task;
  goTo: (remark: Remark) => void;
}

/** Who drew in the case, and what was decided on it last. */
export function HistoryPanel({ task, goTo }: HistoryProps) {
  const revisions = useRevisions(task.id, task.head);
  return (
    <>
      <section className="side-section" aria-labelledby="authors-title">
        <h3 id="authors-title" className="side-title">
          Drawn by
        </h3>
        {revisions.data?.length === 0 && <p className="muted">Nobody yet.</p>}
        <ul className="authors">
          {authorsOf(revisions.data ?? []).map(({ name, revisions: count, last }) => (
            <li key={name}>
              <span>{name}</span>
              <span className="faint">
                {plural(count, 'revision')}, {ago(last)}
              </span>
            </li>
          ))}
        </ul>
      </section>
      {task.last_review !== null && <LastReview task={task} goTo={goTo} />}
    </>
  );
}

function LastReview({ task, goTo }: HistoryProps) {
  const review = task.last_review;
  if (review === null) return null;
  const approved = review.decision === 'approve';
  return (
    <section className="side-section" aria-labelledby="review-title">
      <h3 id="review-title" className="side-title">
        Last review
      </h3>
      <p className="review-line">
        <Badge tone={approved ? 'good' : 'warn'}>{approved ? 'Approved' : 'Returned'}</Badge>
        <span className="muted">
          {review.reviewer.display_name}, {ago(review.created_at)}
        </span>
      </p>
      {review.reason !== '' && <p className="review-reason">{review.reason}</p>}
      <ul className="review-remarks">
        {review.remarks.map((remark, n) => (
          <li key={`${remark.z}-${n}`}>
            <button type="button" className="remark-link" onClick={() => goTo(remark)}>
              <MapPin size={13} aria-hidden="true" />
              <span>
                Slice {remark.z + 1}: {remark.text}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
