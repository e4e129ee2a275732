import { CornerUpLeft, Eye, MapPin, Shapes, Sparkles } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Remark, Review, Revision, Task } from '../api';
import { ago, Button } from '../ui';
import './banners.css';
import { useRevisions } from './queries';
import type { Saving } from './saving';
import { useSavingState } from './useSaving';

/** A line over the pictures. */
export function Banner({
  tone,
  icon,
  children,
}: {
  tone: 'info' | 'warn' | 'bad';
  icon: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={`banner banner-${tone}`} role="note">
      {icon}
      <div className="banner-words">{children}</div>
    </div>
  );
}

/** Told while nobody has changed a model's draft, or an imported mask, yet. */
export function DraftBanner({ task, saving }: { task: Task; saving: Saving }) {
  const revisions = useRevisions(task.id, task.head);
  const revision = useSavingState(saving, (state) => state.revision);
  const head = revisions.data?.find(({ number }) => number === revision);
  return head === undefined ? null : <StartBanner head={head} />;
}

/** Where the voxels came from that nobody here drew. */
export function StartBanner({ head }: { head: Pick<Revision, 'origin' | 'source' | 'note'> }) {
  if (head.origin === 'model') {
    return (
      <Banner tone="info" icon={<Sparkles size={16} />}>
        <strong>Draft by {head.source}.</strong> Correct what is wrong; nothing counts until a radiologist has
        approved it.
      </Banner>
    );
  }
  if (head.origin !== 'import') return null;
  return (
    <Banner tone="info" icon={<Shapes size={16} />}>
      <strong>Imported mask ({head.source}).</strong> Correct what is wrong; nothing counts until a
      radiologist has approved it. {head.note !== '' && <span className="muted">{head.note}</span>}
    </Banner>
  );
}

interface ReturnedProps {
  review: Review;
  goTo: (remark: Remark) => void;
}

/** Why a radiologist gave the case back, with the places that were pointed at. */
export function ReturnedBanner({ review, goTo }: ReturnedProps) {
  return (
    <Banner tone="warn" icon={<CornerUpLeft size={16} />}>
      <strong>Returned by {review.reviewer.display_name}</strong>{' '}
      <span className="muted">{ago(review.created_at)}</span>
      <p className="banner-reason">{review.reason}</p>
      {review.remarks.length > 0 && (
        <ul className="banner-remarks">
          {review.remarks.map((remark, n) => (
            <li key={`${remark.z}-${n}`}>
              <Button size="small" icon={<MapPin size={13} />} onClick={() => goTo(remark)}>
                {n + 1} · slice {remark.z + 1}: {remark.text}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Banner>
  );
}

/** Why nothing can be drawn here. */
export function LookingBanner({ task }: { task: Task }) {
  return (
    <Banner tone="info" icon={<Eye size={16} />}>
      {whyLooking(task)}
    </Banner>
  );
}

function whyLooking(task: Task): string {
  const { state, assignee, actions } = task;
  if (state === 'open' && actions.includes('claim')) return 'You are looking. Claim the case to draw in it.';
  if (state === 'open') return 'You are looking. Nobody has claimed this case yet.';
  if (state === 'in_progress')
    return `${assignee?.display_name ?? 'Somebody else'} is drawing in this case; you are looking.`;
  if (state === 'submitted') return 'This case waits for a radiologist. It cannot be changed now.';
  if (state === 'approved') return 'This case is approved and cannot be changed.';
  return 'This case was withdrawn.';
}
