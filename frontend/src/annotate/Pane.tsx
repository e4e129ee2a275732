import type { PaneId, PaneSpec } from '../viewer';
import type { Remark } from '../api';
import { classes } from '../ui';
import './pane.css';
import type { Desk } from './desk';
import { PreviewOverlay } from './operations/PreviewOverlay';
import { PaneHead } from './PaneHead';
import { PaneMarks } from './PaneMarks';
import { PaneMissing } from './PaneMissing';
import { PaneWaiting } from './PaneWaiting';
import { PaneWords } from './PaneWords';
import { ProposalOverlay } from './proposal/ProposalOverlay';
import { useDeskState } from './useDesk';

interface PaneProps {
  id: PaneId;
  /** What it shows; none while it is not on the stage. */
  spec: PaneSpec | undefined;
  desk: Desk | null;
  remarks: readonly Remark[];
  /** First pane of its plane, or number 2, 3, … of it. */
  number: number;
  attach: (id: PaneId, element: HTMLDivElement | null) => void;
}

/** One picture with what is written over it. */
export function Pane({ id, spec, desk, remarks, number, attach }: PaneProps) {
  const plane = spec?.plane ?? 'axial';
  const testId = number === 1 ? `pane-${plane}` : `pane-${plane}-${number}`;
  return (
    <section
      className={classes('pane', `pane-${id}`, spec === undefined && 'pane-hidden')}
      aria-label={`${plane} plane`}
    >
      <div
        className="pane-picture"
        data-testid={spec === undefined ? undefined : testId}
        data-pane={id}
        ref={(element) => attach(id, element)}
        onContextMenu={(event) => event.preventDefault()}
        onPointerDownCapture={() => desk?.state.editable === true && desk.cine.stop()}
      />
      {desk !== null && spec !== undefined && (
        <Over desk={desk} spec={spec} remarks={remarks} number={number} />
      )}
    </section>
  );
}

interface OverProps {
  desk: Desk;
  spec: PaneSpec;
  remarks: readonly Remark[];
  number: number;
}

function Over({ desk, spec, remarks, number }: OverProps) {
  useDeskState(desk, (state) => state.looked); // a pane comes onto the screen after it was asked for
  const shown = desk.viewer.shownPanes.find(({ id }) => id === spec.id);
  if (spec.source !== null && !desk.viewer.hasSource(spec.source)) {
    return (
      <>
        <PaneWaiting source={spec.source} desk={desk} />
        <div className="pane-words">
          <div className="pane-corner pane-top-left">
            <PaneHead spec={spec} desk={desk} />
          </div>
        </div>
      </>
    );
  }
  if (shown === undefined || desk.viewer.paneElement(spec.id) === undefined) return null;
  return (
    <>
      <PaneMissing spec={shown} desk={desk} />
      <ProposalOverlay spec={shown} desk={desk} />
      <PreviewOverlay spec={shown} desk={desk} />
      <PaneMarks spec={shown} desk={desk} remarks={remarks} />
      <PaneWords spec={shown} desk={desk} number={number} />
    </>
  );
}
