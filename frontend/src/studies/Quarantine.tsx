import { RotateCw, Trash2 } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import type { HeldStudy } from '../api';
import { ago, Button, Card, ConfirmDialog, LoadMore, plural, toast } from '../ui';
import { useHeldStudies, useResolveHeld } from './queries';
import { ReportLines } from './ReportLines';

/** Studies that could not come in: why, what to do, and another try. Nothing where there is none. */
export function Quarantine({ slug }: { slug: string }) {
  const list = useHeldStudies(slug);
  if (list.items === undefined || list.items.length === 0) return null;
  return (
    <Card title="Quarantine" actions={<span className="faint">Nothing of these was stored</span>} flush>
      {list.items.map((held) => (
        <Held key={held.id} held={held} slug={slug} />
      ))}
      <LoadMore {...list} />
    </Card>
  );
}

function Held({ held, slug }: { held: HeldStudy; slug: string }) {
  const [dropping, setDropping] = useState(false);
  const resolve = useResolveHeld(slug);
  const act = (how: 'retry' | 'drop', said: string) =>
    resolve.mutate(
      { id: held.id, how },
      {
        onSuccess: () => toast.info(said),
        onError: (error) => toast.bad(explain(error).title, explain(error).advice),
        onSettled: () => setDropping(false),
      },
    );
  return (
    <article className="held" aria-label={held.subject}>
      <div className="held-head">
        <strong>{held.subject}</strong>
        <span className="muted">
          {plural(held.files, 'file')}, refused {ago(held.updated_at)}
        </span>
      </div>
      <div className="held-buttons">
        <Button
          size="small"
          icon={<RotateCw size={14} />}
          disabled={!held.can_retry}
          title={held.can_retry ? undefined : 'Its files could not be kept; import it again from its source.'}
          busy={resolve.isPending && !dropping}
          onClick={() => act('retry', 'It is tried again; see the imports below.')}
        >
          Try again
        </Button>
        <Button size="small" icon={<Trash2 size={14} />} onClick={() => setDropping(true)}>
          Drop
        </Button>
      </div>
      <ReportLines label={`Why ${held.subject} did not come in`} lines={held.reasons} ofOne />
      <ConfirmDialog
        open={dropping}
        onClose={() => setDropping(false)}
        onConfirm={() => act('drop', 'Dropped; its files are gone from the server.')}
        title={`Drop ${held.subject}?`}
        word="Drop it"
        kind="danger"
        busy={resolve.isPending}
      >
        Its {plural(held.files, 'file')} are removed from the server for good. The study can be uploaded
        again.
      </ConfirmDialog>
    </article>
  );
}
