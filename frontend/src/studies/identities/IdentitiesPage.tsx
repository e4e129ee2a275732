import { Download } from 'lucide-react';
import { Link } from 'react-router';

import { explain } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import { Button, EmptyState, PageHeader, toast } from '../../ui';
import { Identities } from './Identities';
import { useTable } from './queries';

/** The pseudonym table, for managers. */
export function IdentitiesPage() {
  const project = useCurrentProject();
  const table = useTable(project.slug);
  if (!can(project, 'view_identities')) {
    return <EmptyState title="Only managers see who the patients are" />;
  }
  const download = () =>
    table.mutate(undefined, {
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
        title="Identities"
        lead="Which person each pseudonym is, as the files told it. Encrypted where it is stored."
        actions={
          <Button icon={<Download size={14} />} busy={table.isPending} onClick={download}>
            Download the table (recorded)
          </Button>
        }
      />
      <Identities slug={project.slug} />
    </div>
  );
}
