import type { Movement } from '../../api';
import { Badge, Table } from '../../ui';

function millimetres(value: number): string {
  return `${value.toFixed(1)} mm`;
}

function percent(ratio: number): string {
  return `${ratio < 1 ? '−' : '+'}${Math.abs(Math.round((ratio - 1) * 100))} %`;
}

interface MovementTableProps {
  movements: readonly Movement[];
  shown: number;
  onShow: (index: number) => void;
}

/** How like the first phase each one was and is, and how far it moved. A row shows its pictures. */
export function MovementTable({ movements, shown, onShow }: MovementTableProps) {
  return (
    <Table
      label="What the registration did"
      rows={movements}
      rowKey={(row) => row.index}
      current={movements.findIndex((row) => row.index === shown)}
      onOpen={(row) => onShow(row.index)}
      columns={[
        {
          key: 'name',
          title: 'Phase',
          cell: (row) => (
            <button type="button" className="movement-name" onClick={() => onShow(row.index)}>
              {row.name}
            </button>
          ),
        },
        {
          key: 'like',
          title: 'Likeness to the first',
          align: 'right',
          cell: (row) => `${row.before.toFixed(3)} → ${row.after.toFixed(3)}`,
        },
        { key: 'mean', title: 'Mean', width: 84, align: 'right', cell: (row) => millimetres(row.mean_mm) },
        { key: 'p95', title: '95 %', width: 84, align: 'right', cell: (row) => millimetres(row.p95_mm) },
        { key: 'max', title: 'Most', width: 84, align: 'right', cell: (row) => millimetres(row.max_mm) },
        {
          key: 'volume',
          title: 'Shrinks, swells',
          width: 120,
          align: 'right',
          cell: (row) => `${percent(row.shrink)}, ${percent(row.swell)}`,
        },
        {
          key: 'better',
          title: '',
          width: 130,
          cell: (row) =>
            row.better ? <Badge tone="good">better</Badge> : <Badge tone="neutral">no better: kept</Badge>,
        },
      ]}
    />
  );
}
