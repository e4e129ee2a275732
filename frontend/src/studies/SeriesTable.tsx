import type { Series } from '../api';
import { Card, Table } from '../ui';
import type { Column } from '../ui';

const COLUMNS: Column<Series>[] = [
  { key: 'number', title: 'No.', width: 60, align: 'right', cell: (series) => series.number ?? '–' },
  { key: 'modality', title: 'Modality', width: 92, cell: (series) => series.modality },
  { key: 'description', title: 'Description', cell: (series) => series.description || '–' },
  { key: 'instances', title: 'Images', width: 76, align: 'right', cell: (series) => series.instances },
  {
    key: 'kind',
    title: 'What became of it',
    width: '46%',
    cell: (series) => <span className="muted">{series.kind}</span>,
  },
];

/** The series of a study as they came, and why one is not drawn on. */
export function SeriesTable({ series }: { series: readonly Series[] }) {
  return (
    <Card title="Series as they came" flush>
      <Table label="Series" rows={series} rowKey={(one) => one.id} columns={COLUMNS} />
    </Card>
  );
}
