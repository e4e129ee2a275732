import { Link } from 'react-router';

import type { Benchmark } from '../api';
import { Card, EmptyState, Table, TaskStateBadge } from '../ui';

/** The cases of the benchmark and where they stand. */
export function CaseList({ cases }: { cases: Benchmark['cases'] }) {
  return (
    <Card title="Cases" flush>
      {cases.length === 0 ? (
        <EmptyState title="No patient is in the benchmark">
          A manager assigns them on the Studies page, before anything is drawn.
        </EmptyState>
      ) : (
        <Table
          label="Cases of the benchmark"
          rows={cases}
          rowKey={(row) => row.pseudonym}
          columns={[
            { key: 'patient', title: 'Patient', cell: (row) => <b>{row.pseudonym}</b> },
            { key: 'state', title: 'State', cell: (row) => <TaskStateBadge state={row.state} /> },
            {
              key: 'task',
              title: 'Case',
              width: 120,
              align: 'right',
              cell: (row) =>
                row.task_id === null ? (
                  <span className="faint">none</span>
                ) : (
                  <Link to={`/tasks/${row.task_id}`}>Open</Link>
                ),
            },
          ]}
        />
      )}
    </Card>
  );
}
