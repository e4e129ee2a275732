import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import './table.css';
import { Skeleton } from './Spinner';

export interface Column<Row> {
  key: string;
  title: ReactNode;
  width?: number | string;
  align?: 'left' | 'right' | 'center';
  cell: (row: Row) => ReactNode;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string | number;
  /** Row under the keyboard's cursor. */
  current?: number | undefined;
  onOpen?: ((row: Row) => void) | undefined;
  rowClass?: (row: Row) => string | undefined;
  skeletonRows?: number;
}

/** Rows with fixed columns; `rows` undefined shows their places. A row that opens is clicked as a whole. */
export function Table<Row>({ label, columns, rows, rowKey, ...rest }: TableProps<Row>) {
  const { current, onOpen, rowClass, skeletonRows = 6 } = rest;
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (current !== undefined) body.current?.children[current]?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <table className="table" aria-label={label} aria-busy={rows === undefined}>
      <colgroup>
        {columns.map(({ key, width }) => (
          <col key={key} style={width === undefined ? undefined : { width }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          {columns.map(({ key, title, align }) => (
            <th key={key} scope="col" data-align={align}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={body}>
        {rows === undefined
          ? Array.from({ length: skeletonRows }, (_, n) => <SkeletonRow key={n} columns={columns} />)
          : rows.map((row, n) => (
              <tr
                key={rowKey(row)}
                className={rowClass?.(row)}
                data-current={n === current || undefined}
                data-opens={onOpen === undefined ? undefined : true}
                onClick={onOpen === undefined ? undefined : () => onOpen(row)}
              >
                {columns.map(({ key, align, cell }) => (
                  <td key={key} data-align={align}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
      </tbody>
    </table>
  );
}

function SkeletonRow<Row>({ columns }: { columns: readonly Column<Row>[] }) {
  return (
    <tr aria-hidden="true">
      {columns.map(({ key }) => (
        <td key={key}>
          <Skeleton width="70%" />
        </td>
      ))}
    </tr>
  );
}
