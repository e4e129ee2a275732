import type { PaneSpec } from '../viewer';
import type { Desk } from './desk';
import { PaneHead } from './PaneHead';
import { useDeskState } from './useDesk';

interface WordsProps {
  spec: PaneSpec;
  desk: Desk;
  /** First pane of its plane, or number 2, 3, … of it. */
  number: number;
}

/** What is written over a picture. */
export function PaneWords({ spec, desk, number }: WordsProps) {
  const { letters } = desk.viewer.planes[spec.plane];
  return (
    <div className="pane-words">
      <div className="pane-corner pane-top-left">
        <PaneHead spec={spec} desk={desk} />
        <Place spec={spec} desk={desk} number={number} />
      </div>
      <WindowWords spec={spec} desk={desk} />
      <HoverWords spec={spec} desk={desk} />
      <span className="pane-letter pane-letter-left">{letters.left}</span>
      <span className="pane-letter pane-letter-right">{letters.right}</span>
      <span className="pane-letter pane-letter-top">{letters.top}</span>
      <span className="pane-letter pane-letter-bottom">{letters.bottom}</span>
    </div>
  );
}

function Place({ spec, desk, number }: WordsProps) {
  useDeskState(desk, (state) => state.looked);
  const { id, plane } = spec;
  const testId = number === 1 ? `slice-${plane}` : `slice-${plane}-${number}`;
  if (spec.projection?.slabMm === null) return null;
  return (
    <div className="pane-place">
      <span data-testid={testId}>
        {desk.viewer.slice(id) + 1} / {desk.viewer.sliceCount(plane)}
      </span>{' '}
      {desk.viewer.position(id)}
    </div>
  );
}

function WindowWords({ spec, desk }: { spec: PaneSpec; desk: Desk }) {
  useDeskState(desk, (state) => state.looked);
  const { low, high } = desk.viewer.windowing.of(desk.viewer.sourceIn(spec.id));
  return (
    <div className="pane-corner pane-top-right" data-testid={`window-${spec.id}`}>
      W {written(high - low)} · L {written((high + low) / 2)}
    </div>
  );
}

/** Small windows, such as those of slopes, keep their decimals. */
const written = (value: number): string => (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0));

function HoverWords({ spec, desk }: { spec: PaneSpec; desk: Desk }) {
  const hover = useDeskState(desk, (state) => (state.hover?.pane === spec.id ? state.hover : null));
  if (hover === null) return null;
  const [z, y, x] = hover.zyx;
  const label = desk.labels.find(({ value }) => value === hover.label);
  return (
    <div className="pane-corner pane-bottom-left">
      <span>
        x {x} · y {y} · z {z + 1}
      </span>
      {hover.value !== null && (
        <strong data-testid="hover-value">
          {written(hover.value)}
          {desk.unitOf(spec.id)}
        </strong>
      )}
      {label !== undefined && (
        <span>
          <i className="pane-swatch" style={{ background: label.colour }} />
          {label.name}
        </span>
      )}
    </div>
  );
}
