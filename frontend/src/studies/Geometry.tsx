import type { Series, Volume } from '../api';
import { planeWords } from './planes';

function figures(values: readonly number[], digits: number): string {
  return values.map((value) => String(Number(value.toFixed(digits)))).join(' × ');
}

/** The grid of a volume and the scanner that made it, in words. Sides stand as x × y × z. */
export function geometryRows(volume: Volume, series: Series | undefined): [string, string][] {
  const count = [...volume.shape_zyx].reverse();
  const spacing = [...volume.spacing_zyx_mm].reverse();
  const extent = count.map((n, axis) => (n * (spacing[axis] ?? 0)) / 10);
  const made = series?.acquisition;
  const scanner = [made?.manufacturer, made?.model].filter(Boolean).join(' ');
  const rows: [string, string | null][] = [
    ['Plane', planeWords(volume.affine)],
    ['Matrix', figures(count, 0)],
    ['Voxel', `${figures(spacing, 2)} mm`],
    ['Field of view', `${figures(extent, 1)} cm`],
    ['Field strength', figure(made?.field_strength_t, 'T')],
    ['TR / TE', times(made)],
    ['Flip angle', figure(made?.flip_angle_deg, '°', '')],
    ['Scanner', scanner || null],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== null);
}

function figure(value: number | null | undefined, unit: string, space = ' '): string | null {
  return value === null || value === undefined ? null : `${Number(value.toFixed(2))}${space}${unit}`;
}

function times(made: Series['acquisition'] | undefined): string | null {
  const { repetition_time_ms: tr = null, echo_time_ms: te = null } = made ?? {};
  return tr === null && te === null ? null : `${figure(tr, '') ?? '– '}/ ${figure(te, 'ms') ?? '–'}`;
}

/** The same as a list. */
export function Geometry({ volume, series }: { volume: Volume; series: Series | undefined }) {
  return (
    <dl className="geometry">
      {geometryRows(volume, series).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
