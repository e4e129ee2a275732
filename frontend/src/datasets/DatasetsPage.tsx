import { Database, Snowflake } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import {
  Button,
  Card,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadMore,
  PageHeader,
  plural,
  Skeleton,
  toast,
} from '../ui';
import './datasets.css';
import { useFreeze, useSnapshots } from './queries';
import { SnapshotCard } from './SnapshotCard';
import { SnapshotDrawer } from './SnapshotDrawer';

/** Frozen datasets, and the files made of them. */
export function DatasetsPage() {
  const { slug } = useCurrentProject();
  const list = useSnapshots(slug);
  const [shown, setShown] = useState<number | null>(null);
  return (
    <div className="page">
      <PageHeader
        title="Datasets"
        lead="A snapshot is every approved mask of the pool at one moment, frozen under a hash. It never changes."
        actions={<Freeze slug={slug} />}
      />
      {list.isError && list.items === undefined && (
        <ErrorState error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Skeleton height={240} />}
      {list.items?.length === 0 && (
        <Card>
          <EmptyState icon={<Database size={24} />} title="Nothing is frozen yet">
            Freeze the approved cases to get a dataset. Each round does it by itself, too.
          </EmptyState>
        </Card>
      )}
      {list.items?.map((snapshot) => (
        <SnapshotCard
          key={snapshot.id}
          slug={slug}
          snapshot={snapshot}
          onShow={() => setShown(snapshot.id)}
        />
      ))}
      <LoadMore {...list} />
      <SnapshotDrawer id={shown} onClose={() => setShown(null)} />
    </div>
  );
}

function Freeze({ slug }: { slug: string }) {
  const [asking, setAsking] = useState(false);
  const freeze = useFreeze(slug);
  const confirm = () =>
    freeze.mutate(undefined, {
      onSuccess: ({ number, cases }) =>
        toast.good(`Snapshot ${number} is frozen with ${plural(cases, 'case')}.`),
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
      onSettled: () => setAsking(false),
    });
  return (
    <>
      <Button kind="primary" size="large" icon={<Snowflake size={16} />} onClick={() => setAsking(true)}>
        Freeze now
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={confirm}
        title="Freeze what is approved?"
        word="Freeze"
        busy={freeze.isPending}
      >
        Every approved mask of the pool goes into a new snapshot as it is now. What is approved later goes
        into the next one. Benchmark patients stay out.
      </ConfirmDialog>
    </>
  );
}
