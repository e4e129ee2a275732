import { useState } from 'react';

import { explain } from '../../api';
import type { Duplicate } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import { Button, ConfirmDialog, plural, toast } from '../../ui';
import './identities.css';
import { useDecide, useDuplicates } from './queries';

/** Patients who may be one person, for managers to decide on; nothing when there are none. */
export function DuplicateOffers({ patientId }: { patientId?: number }) {
  const project = useCurrentProject();
  const duplicates = useDuplicates(project.slug, can(project, 'manage_cases'));
  const offers = (duplicates.data ?? []).filter(
    ({ first, second }) => patientId === undefined || first.id === patientId || second.id === patientId,
  );
  if (offers.length === 0) return null;
  return (
    <ul className="duplicates" aria-label="Possible duplicates">
      {offers.map((offer) => (
        <Offer key={`${offer.first.id}-${offer.second.id}`} slug={project.slug} offer={offer} />
      ))}
    </ul>
  );
}

function Offer({ slug, offer }: { slug: string; offer: Duplicate }) {
  const { first, second, reason, obstacle } = offer;
  const [asking, setAsking] = useState(false);
  const decide = useDecide(slug);
  const answer = (same: boolean) =>
    decide.mutate(
      { keep: first.id, other: second.id, same },
      {
        onSuccess: () =>
          toast.good(
            same
              ? `${second.pseudonym} is now part of ${first.pseudonym}.`
              : `${first.pseudonym} and ${second.pseudonym} stay two patients.`,
          ),
        onError: (error) => toast.bad(explain(error).title, explain(error).advice),
        onSettled: () => setAsking(false),
      },
    );
  return (
    <li className="duplicate">
      <div>
        <strong>
          {first.pseudonym} and {second.pseudonym} may be one person
        </strong>
        <span className="muted">Their {reason}.</span>
        {obstacle !== '' && <span className="duplicate-obstacle">{obstacle}</span>}
      </div>
      <Button size="small" busy={decide.isPending && !asking} onClick={() => answer(false)}>
        They are two
      </Button>
      <Button size="small" kind="primary" disabled={obstacle !== ''} onClick={() => setAsking(true)}>
        Merge
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => answer(true)}
        title={`Merge ${second.pseudonym} into ${first.pseudonym}?`}
        word="Merge for good"
        busy={decide.isPending}
      >
        {plural(second.studies, 'study', 'studies')} of {second.pseudonym}, with all that is drawn on them,
        come to {first.pseudonym}; later imports under either identifier find it. Frozen snapshots stay as
        they are. This cannot be taken back.
      </ConfirmDialog>
    </li>
  );
}
