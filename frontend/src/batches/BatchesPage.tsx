import { ListPlus } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import type { Batch, Preview, Wish } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import {
  ago,
  Badge,
  Button,
  Card,
  EmptyState,
  ErrorState,
  LoadMore,
  Notice,
  PageHeader,
  plural,
  Skeleton,
  toast,
} from '../ui';
import './batches.css';
import { ChooseBatch } from './ChooseBatch';
import { Picks } from './Picks';
import { useBatches, usePreview, useStartBatch, useStrategies } from './queries';

/** Whom to annotate next: how it is chosen, who would be picked and why, and the batches so far. */
export function BatchesPage() {
  const project = useCurrentProject();
  const strategies = useStrategies(project.slug);
  const preview = usePreview(project.slug);
  const [wish, setWish] = useState<Wish | null>(null);
  const ask = (wanted: Wish) => {
    setWish(wanted);
    preview.mutate(wanted);
  };
  return (
    <div className="page">
      <PageHeader
        title="Next batch"
        lead="Which of the waiting cases are annotated first. A part is always drawn by lot: it alone tells how the model does on all cases, and annotators do not see which it is."
      />
      <div className="batches">
        {can(project, 'manage_rounds') && (
          <aside>
            {strategies.isPending && <Skeleton height={560} />}
            {strategies.isError && (
              <ErrorState error={strategies.error} retry={() => void strategies.refetch()} />
            )}
            {strategies.data !== undefined && (
              <ChooseBatch
                offer={strategies.data}
                busy={preview.isPending}
                onPreview={ask}
                onChange={() => {
                  setWish(null);
                  preview.reset();
                }}
              />
            )}
          </aside>
        )}
        <div className="batches-shown">
          {preview.isPending && <Skeleton height={420} />}
          {preview.isError && <Problem error={preview.error} />}
          {wish !== null && preview.data !== undefined && (
            <Previewed
              slug={project.slug}
              wish={wish}
              preview={preview.data}
              onStarted={() => {
                setWish(null);
                preview.reset();
              }}
            />
          )}
          <BatchList slug={project.slug} names={namesOf(strategies.data)} />
        </div>
      </div>
    </div>
  );
}

function Problem({ error }: { error: unknown }) {
  const { title, advice } = explain(error);
  return (
    <Notice tone="bad">
      <strong>{title}</strong> {advice}
    </Notice>
  );
}

type Names = ReadonlyMap<string, string>;

function namesOf(offer: { strategies: { strategy: string; name: string }[] } | undefined): Names {
  return new Map(offer?.strategies.map(({ strategy, name }) => [strategy, name]));
}

interface PreviewedProps {
  slug: string;
  wish: Wish;
  preview: Preview;
  onStarted: () => void;
}

/** Who would be picked, and the button that picks them. */
function Previewed({ slug, wish, preview, onStarted }: PreviewedProps) {
  const start = useStartBatch(slug);
  const confirm = () =>
    start.mutate(wish, {
      onSuccess: (batch) => {
        toast.good(`Batch ${batch.number} comes first in the worklist now.`);
        onStarted();
      },
    });
  const missing = wish.size - preview.picks.length;
  return (
    <Card
      title={
        <span className="batch-title">
          Preview
          <span className="muted">
            {plural(preview.picks.length, 'pick')} from {plural(preview.cases, 'waiting case')}
          </span>
        </span>
      }
      actions={
        <Button kind="primary" busy={start.isPending} onClick={confirm}>
          Start this batch
        </Button>
      }
      flush
    >
      {missing > 0 && (
        <p className="batch-short muted">
          {plural(missing, 'case')} fewer than asked for: no more patients wait, or the model has not seen the
          others.
        </p>
      )}
      {start.isError && <Problem error={start.error} />}
      <Picks picks={preview.picks} />
    </Card>
  );
}

function BatchList({ slug, names }: { slug: string; names: Names }) {
  const list = useBatches(slug);
  if (list.isPending) return <Skeleton height={300} />;
  if (list.items === undefined) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  if (list.items.length === 0) {
    return (
      <Card>
        <EmptyState icon={<ListPlus size={24} />} title="No batch yet">
          Until one is started, cases are handed out oldest first.
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      {list.items.map((batch, n) => (
        <BatchCard
          key={batch.number}
          batch={batch}
          name={names.get(batch.strategy) ?? batch.strategy}
          current={n === 0}
        />
      ))}
      <LoadMore {...list} />
    </>
  );
}

function BatchCard({ batch, name, current }: { batch: Batch; name: string; current: boolean }) {
  const [open, setOpen] = useState(current);
  const done = batch.picks.filter(({ state }) => state === 'approved').length;
  return (
    <Card
      title={
        <span className="batch-title">
          Batch {batch.number}
          {current && (
            <Badge tone="accent" dot>
              Current
            </Badge>
          )}
          <span className="muted">
            {name} · {batch.model === null ? 'before the first model' : `model ${batch.model}`} · seed{' '}
            {batch.seed} · {ago(batch.created_at)} · {done} of {batch.picks.length} approved
          </span>
        </span>
      }
      actions={
        <Button kind="quiet" size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide picks' : 'Show picks'}
        </Button>
      }
      flush
    >
      {open && <Picks picks={batch.picks} withState />}
    </Card>
  );
}
