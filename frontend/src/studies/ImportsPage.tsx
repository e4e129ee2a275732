import { Inbox } from 'lucide-react';
import { Link } from 'react-router';

import type { ImportRun } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Card, EmptyState, ErrorState, LoadMore, Notice, PageHeader, Skeleton } from '../ui';
import { DropZone } from './DropZone';
import { BrokenOffCard, ImportCard } from './ImportCard';
import './imports.css';
import { lacksFiles, useImports } from './queries';
import { Quarantine } from './Quarantine';
import { UploadList } from './UploadList';
import { useUploads } from './uploads';

/** Bringing studies in, and what became of them. */
export function ImportsPage() {
  const project = useCurrentProject();
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
        title="Import"
        lead="Studies go in; names, dates and private tags stay out. Phases are put in order and checked before anything is stored."
      />
      {can(project, 'manage_cases') ? (
        <>
          <DropZone slug={project.slug} />
          <UploadList slug={project.slug} />
          <Quarantine slug={project.slug} />
          <Imports slug={project.slug} />
        </>
      ) : (
        <Notice>Importing is for managers of the project.</Notice>
      )}
    </div>
  );
}

function Imports({ slug }: { slug: string }) {
  const list = useImports(slug);
  const uploads = useUploads((store) => store.uploads);
  const isSentHere = (run: ImportRun) =>
    uploads.some(({ importId, state }) => importId === run.id && state !== 'cancelled');
  const shown = list.items?.filter((run) => !(lacksFiles(run) && isSentHere(run)));
  if (list.isError && list.items === undefined) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  return (
    <>
      <h2>Imports</h2>
      {list.isPending && <Skeleton height={120} />}
      {list.items?.length === 0 && (
        <Card>
          <EmptyState icon={<Inbox size={24} />} title="Nothing was imported yet">
            What came in, what was left out and why will stand here.
          </EmptyState>
        </Card>
      )}
      <div className="imports">
        {shown?.map((run, n) =>
          lacksFiles(run) ? (
            <BrokenOffCard key={run.id} run={run} slug={slug} />
          ) : (
            <ImportCard key={run.id} run={run} slug={slug} open={n === 0} />
          ),
        )}
      </div>
      <LoadMore {...list} />
    </>
  );
}
