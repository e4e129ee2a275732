import type { PlaneName } from '../viewer';
import type { Remark } from '../api';
import { classes } from '../ui';
import './pane.css';
import type { Desk } from './desk';
import { PaneMarks } from './PaneMarks';
import { PaneMissing } from './PaneMissing';
import { useDeskState } from './useDesk';

interface PaneProps {
  plane: PlaneName;
  desk: Desk | null;
  remarks: readonly Remark[];
  shown: boolean;
  attach: (plane: PlaneName, element: HTMLDivElement | null) => void;
}

/** One picture with what is written over it. */
export function Pane({ plane, desk, remarks, shown, attach }: PaneProps) {
  return (
    <section
      className={classes('pane', `pane-${plane}`, !shown && 'pane-hidden')}
      aria-label={`${plane} plane`}
    >
      <div
        className="pane-picture"
        data-testid={`pane-${plane}`}
        ref={(element) => attach(plane, element)}
        onContextMenu={(event) => event.preventDefault()}
      />
      {desk !== null && shown && (
        <>
          <PaneMissing plane={plane} desk={desk} />
          <PaneWords plane={plane} desk={desk} />
          <PaneMarks plane={plane} desk={desk} remarks={remarks} />
        </>
      )}
    </section>
  );
}

const NAMES: Record<PlaneName, string> = { axial: 'Axial', sagittal: 'Sagittal', coronal: 'Coronal' };

function PaneWords({ plane, desk }: { plane: PlaneName; desk: Desk }) {
  const slice = useDeskState(desk, (state) => state.slices[plane]);
  const { letters } = desk.viewer.planes[plane];
  return (
    <div className="pane-words">
      <div className="pane-corner pane-top-left">
        <div>
          <strong>{NAMES[plane]}</strong>{' '}
          <span data-testid={`slice-${plane}`}>
            {slice + 1} / {desk.viewer.sliceCount(plane)}
          </span>
        </div>
        <div>{desk.viewer.position(plane)}</div>
      </div>
      {plane === desk.viewer.mainPlane && <WindowWords desk={desk} />}
      <HoverWords plane={plane} desk={desk} />
      <span className="pane-letter pane-letter-left">{letters.left}</span>
      <span className="pane-letter pane-letter-right">{letters.right}</span>
      <span className="pane-letter pane-letter-top">{letters.top}</span>
      <span className="pane-letter pane-letter-bottom">{letters.bottom}</span>
    </div>
  );
}

function WindowWords({ desk }: { desk: Desk }) {
  const { low, high } = useDeskState(desk, (state) => state.window);
  return (
    <div className="pane-corner pane-top-right">
      <span>
        W {Math.round(high - low)} · L {Math.round((high + low) / 2)}
      </span>
    </div>
  );
}

function HoverWords({ plane, desk }: { plane: PlaneName; desk: Desk }) {
  const hover = useDeskState(desk, (state) => (state.hover?.plane === plane ? state.hover : null));
  if (hover === null) return null;
  const [z, y, x] = hover.zyx;
  const label = desk.labels.find(({ value }) => value === hover.label);
  return (
    <div className="pane-corner pane-bottom-left">
      <span>
        x {x} · y {y} · z {z + 1}
      </span>
      {hover.value !== null && <strong>{Math.round(hover.value)}</strong>}
      {label !== undefined && (
        <span>
          <i className="pane-swatch" style={{ background: label.colour }} />
          {label.name}
        </span>
      )}
    </div>
  );
}
