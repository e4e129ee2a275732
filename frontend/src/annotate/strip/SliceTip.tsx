import { Swatch } from '../../ui';
import type { Desk } from '../desk';
import { isEmpty, type SliceFacts } from './slices';

interface TipProps {
  desk: Desk;
  z: number;
  slice: SliceFacts;
  /** Height in the strip, 0 to 1. */
  top: number;
}

/** What a slice of the strip holds. */
export function SliceTip({ desk, z, slice, top }: TipProps) {
  const [, row, column] = desk.volume.spacing_zyx_mm;
  const pixelMm2 = (row ?? 1) * (column ?? 1);
  const there = desk.labels.filter(({ value }) => (slice.counts[value] ?? 0) > 0);
  return (
    <div
      className={`slice-tip ${top > 0.5 ? 'slice-tip-up' : ''}`}
      style={{ top: `${top * 100}%` }}
      role="status"
    >
      <p>
        <strong>Slice {z + 1}</strong> <span>{desk.viewer.positionOf(desk.viewer.mainPlane, z)}</span>
      </p>
      {there.map(({ value, name, colour }) => (
        <p key={value} className="slice-tip-label">
          <Swatch colour={colour} />
          {name}
          <span>{area((slice.counts[value] ?? 0) * pixelMm2)}</span>
        </p>
      ))}
      {isEmpty(slice) && <p className="faint">{slice.asked ? 'Empty' : 'Empty, not asked for'}</p>}
      {!isEmpty(slice) && !slice.asked && <p className="faint">Not asked for</p>}
      {slice.doubt !== null && (
        <p>
          Doubt <span>{slice.doubt.toFixed(2)}</span>
        </p>
      )}
      {slice.remarks.map((text) => (
        <p key={text} className="slice-tip-remark">
          {text}
        </p>
      ))}
    </div>
  );
}

/** An area as people say it: `320 mm²`, `48.1 cm²`. */
export function area(mm2: number): string {
  if (mm2 >= 1000) return `${(mm2 / 100).toFixed(1)} cm²`;
  return `${mm2 >= 10 ? Math.round(mm2) : mm2.toFixed(1)} mm²`;
}
