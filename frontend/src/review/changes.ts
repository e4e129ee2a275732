/** Who drew what since when, told from the history of a task. */
import type { Review, Revision } from '../api';

export interface Author {
  name: string;
  revisions: number;
  last: string;
}

/** Everybody whose revisions are in the history, the latest first; a model and an import by their source. */
export function authorsOf(revisions: readonly Revision[]): Author[] {
  const authors = new Map<string, Author>();
  for (const { author, source, origin, created_at } of revisions) {
    const name = author ?? (source || origin);
    const known = authors.get(name);
    authors.delete(name);
    authors.set(name, { name, revisions: (known?.revisions ?? 0) + 1, last: created_at });
  }
  return [...authors.values()].reverse();
}

/** A moment in the history that the newest mask can be held against. */
export interface Since {
  /** Revision before the changes; 0 is the empty mask. */
  revision: number;
  name: string;
}

/** What the newest mask can be held against: the model's draft, the last review, the beginning. */
export function sincePoints(revisions: readonly Revision[], lastReview: Review | null): Since[] {
  const points: Since[] = [];
  const reviewed = lastReview && revisions.findLast(({ created_at }) => created_at <= lastReview.created_at);
  if (reviewed && reviewed.number !== revisions.at(-1)?.number) {
    points.push({ revision: reviewed.number, name: 'the last review' });
  }
  const draft = revisions.find(({ origin }) => origin === 'model');
  if (draft && draft.number !== revisions.at(-1)?.number) {
    points.push({ revision: draft.number, name: `the draft of ${draft.source || 'a model'}` });
  }
  if (!draft) points.push({ revision: 0, name: 'the empty case' });
  return points;
}
