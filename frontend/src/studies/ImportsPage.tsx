import { Inbox } from 'lucide-react';
import { Link } from 'react-router';

import { can, useCurrentProject } from '../routes/currentProject';
import { Card, EmptyState, ErrorState, LoadMore, Notice, PageHeader, Skeleton } from '../ui';
import { DropZone } from './DropZone';
import { ImportCard } from './ImportCard';
import './imports.css';
import { useImports } from './queries';
import { UploadList } from './UploadList';

/** Bringing studies in, and what became of them. */
export function ImportsPage() {
  const project = useCurrentProject();
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
        title="Import"
        lead="DICOM goes in; names, dates and private tags stay out. Phases are put in order and checked before anything is stored."
      />
      {can(project, 'manage_cases') ? (
        <>
          <DropZone slug={project.slug} />
          <UploadList slug={project.slug} />
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
        {list.items?.map((run, n) => (
          <ImportCard key={run.id} run={run} open={n === 0} />
        ))}
      </div>
      <LoadMore {...list} />
    </>
  );
}
