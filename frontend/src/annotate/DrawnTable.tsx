import { Notice } from '../ui';
import type { Desk } from './desk';
import { millilitres } from './measures';
import './submit-dialog.css';
import { useDeskState } from './useDesk';

/** How much of each label is drawn. */
export function DrawnTable({ desk }: { desk: Desk }) {
  const totals = useDeskState(desk, (state) => state.totals);
  const slices = useDeskState(desk, (state) => state.labelsBySlice);
  if (desk.labels.every(({ value }) => (totals[value] ?? 0) === 0))
    return <Notice tone="warn">Nothing is drawn in this case.</Notice>;
  return (
    <table className="drawn">
      <thead>
        <tr>
          <th>Label</th>
          <th>Volume</th>
          <th>Slices</th>
        </tr>
      </thead>
      <tbody>
        {desk.labels.map(({ value, name, colour }) => {
          const voxels = totals[value] ?? 0;
          const on = slices.filter((values) => values.includes(value)).length;
          return (
            <tr key={value} className={voxels === 0 ? 'drawn-empty' : undefined}>
              <td>
                <span className="label-swatch" style={{ background: colour }} />
                {name}
              </td>
              <td>{voxels === 0 ? 'not drawn' : millilitres(desk.volume, voxels)}</td>
              <td>{on === 0 ? '' : on}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
