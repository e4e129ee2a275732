import { ScrollText } from 'lucide-react';

import { api, call, usePages } from '../api';
import type { AuditEvent } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Card, EmptyState, ErrorState, LoadMore, moment, PageHeader, Table } from '../ui';
import type { Column } from '../ui';
import './audit.css';

/** Values of an event's detail as `name value` pairs. */
export function detailWords(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

const COLUMNS: Column<AuditEvent>[] = [
  {
    key: 'at',
    title: 'When',
    width: 168,
    cell: (event) => <span className="muted">{moment(event.at)}</span>,
  },
  { key: 'actor', title: 'Who', width: 150, cell: (event) => event.actor_name },
  { key: 'action', title: 'Did', width: 200, cell: (event) => <code>{event.action}</code> },
  {
    key: 'object',
    title: 'To',
    width: 140,
    cell: (event) => `${event.object_type} ${event.object_id}`,
  },
  {
    key: 'detail',
    title: 'Detail',
    cell: (event) => (
      <span className="audit-detail muted" title={detailWords(event.detail)}>
        {detailWords(event.detail)}
      </span>
    ),
  },
];

/** Who did what, newest first. Rows can be added and never changed. */
export function AuditPage() {
  const { slug } = useCurrentProject();
  const list = usePages(['audit', slug], (cursor) => {
    const query = cursor === undefined ? {} : { cursor };
    return call(api.GET('/api/projects/{slug}/audit', { params: { path: { slug }, query } }));
  });
  return (
    <div className="page">
      <PageHeader title="Audit" lead="Every change in this project, newest first. The record only grows." />
      <Card flush>
        {list.isError && list.items === undefined ? (
          <ErrorState error={list.error} retry={() => void list.refetch()} />
        ) : list.items?.length === 0 ? (
          <EmptyState icon={<ScrollText size={24} />} title="Nothing has happened yet" />
        ) : (
          <>
            <Table label="Audit" columns={COLUMNS} rows={list.items} rowKey={(event) => event.id} />
            <LoadMore {...list} />
          </>
        )}
      </Card>
    </div>
  );
}
