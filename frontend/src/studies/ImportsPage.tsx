import { Inbox } from 'lucide-react';
import { Link } from 'react-router';

import { useCurrentProject, can } from '../routes/currentProject';
import { Card, EmptyState, ErrorState, LoadMore, Notice, PageHeader, Skeleton } from '../ui';
import { DropZone } from './DropZone';
import { ImportCard } from './ImportCard';
import './imports.css';
import { useImports } from './queries';
import { UploadList } from './UploadList';

/** Bringing studies in, and what became of them. */
export function ImportsPage() {
  const project = useCurrentProject();
  const list = useImports(project.slug);
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
        title="Import"
        lead="DICOM goes in; names, dates and private tags stay out. Phases are put in order and checked before anything is stored."
      />
      {can(project, 'manage_cases') ? (
        <DropZone slug={project.slug} />
      ) : (
        <Notice>Importing is for managers of the project.</Notice>
      )}
      <UploadList slug={project.slug} />
      <h2>Imports</h2>
      {list.isError && list.items === undefined && (
        <ErrorState error={list.error} retry={() => void list.refetch()} />
      )}
      {list.isPending && <Skeleton height={120} />}
      {list.items?.length === 0 && (
        <Card>
          <EmptyState icon={<Inbox size={24} />} title="Nothing was imported yet">
            What came in, what was left out and why will stand here.
          </EmptyState>
        </Card>
      )}
      {list.items?.map((run, n) => (
        <ImportCard key={run.id} run={run} open={n === 0} />
      ))}
      <LoadMore {...list} />
    </div>
  );
}
