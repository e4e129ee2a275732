import { RefreshCw } from 'lucide-react';
import { useSyncExternalStore } from 'react';

import type { Remark } from '../api';
import { Button, classes, ErrorState, Spinner } from '../ui';
import { NoWebGlError, PANE_IDS } from '../viewer';
import type { PaneId, PaneSpec } from '../viewer';
import type { Desk, DeskState } from './desk';
import { Pane } from './Pane';
import type { PaneSet } from './paneSet';
import './stage.css';
import { SliceStrip } from './strip/SliceStrip';
import { useDeskState } from './useDesk';

interface StageProps {
  desk: Desk | null;
  panes: PaneSet;
  failure: unknown;
  retry: () => void;
  remarks?: readonly Remark[];
}

const NONE: readonly Remark[] = [];

/** The pictures, and the strip of slices. */
export function Stage({ desk, panes, failure, retry, remarks = NONE }: StageProps) {
  const attach = (id: PaneId, element: HTMLDivElement | null): void => panes.put(id, element);
  const failed = failure !== null;
  return (
    <div className="stage">
      <StageGrid desk={desk} attach={attach} remarks={remarks} />
      {failed && (
        <div className="stage-cover">
          {failure instanceof NoWebGlError ? <NoWebGl /> : <ErrorState error={failure} retry={retry} />}
        </div>
      )}
      {!failed && (desk === null ? <Opening /> : <Waiting desk={desk} />)}
    </div>
  );
}

interface GridProps {
  desk: Desk | null;
  attach: (id: PaneId, element: HTMLDivElement | null) => void;
  remarks: readonly Remark[];
}

type Shown = Pick<DeskState, 'layout' | 'panes' | 'largest'>;

const BEFORE: Shown = {
  layout: 'one',
  panes: [{ id: 'a', plane: 'axial', source: null, projection: null }],
  largest: null,
};

/** The elements of the panes are there before the desk, which draws in them, and stay for as long as it does. */
function StageGrid({ desk, attach, remarks }: GridProps) {
  const layout = useBeforeDesk(desk, 'layout');
  const panes = useBeforeDesk(desk, 'panes');
  const largest = useBeforeDesk(desk, 'largest');
  const strip = panes[0]?.plane === (desk?.viewer.mainPlane ?? 'axial');
  return (
    <div className={classes('stage-grid', `stage-${largest === null ? layout : 'one'}`)}>
      {PANE_IDS.map((id) => {
        const spec = panes.find((pane) => pane.id === id);
        const shown = largest === null || largest === id ? spec : undefined;
        return (
          <Pane
            key={id}
            id={id}
            desk={desk}
            remarks={remarks}
            spec={shown}
            number={spec ? numberOf(panes, spec) : 1}
            attach={attach}
          />
        );
      })}
      {desk !== null && strip && <SliceStrip desk={desk} remarks={remarks} />}
    </div>
  );
}

/** A part of the desk's state, or what stands for it while there is no desk. */
function useBeforeDesk<Part extends keyof Shown>(desk: Desk | null, part: Part): Shown[Part] {
  return useSyncExternalStore<Shown[Part]>(
    (changed) => desk?.store.subscribe(changed) ?? (() => undefined),
    () => desk?.state[part] ?? BEFORE[part],
  );
}

/** How many panes up to this one show its plane. */
function numberOf(panes: readonly PaneSpec[], spec: PaneSpec): number {
  return panes.slice(0, panes.indexOf(spec) + 1).filter(({ plane }) => plane === spec.plane).length;
}

function Opening() {
  return (
    <div className="stage-cover">
      <Spinner size={24} label="Opening the case" />
    </div>
  );
}

/** How much of the shown phase has arrived, or that some of it has not. */
function Waiting({ desk }: { desk: Desk }) {
  const { fraction, failed } = useDeskState(desk, (state) => state.loading);
  if (failed) {
    return (
      <div className="stage-failed" role="alert">
        <span>Some slices did not arrive.</span>
        <Button size="small" icon={<RefreshCw size={14} />} onClick={() => desk.viewer.retryLoading()}>
          Try again
        </Button>
      </div>
    );
  }
  if (fraction >= 1) return null;
  const percent = Math.round(fraction * 100);
  return (
    <div className="stage-loading" role="progressbar" aria-label="Loading slices" aria-valuenow={percent}>
      <div className="stage-loading-fill" style={{ width: `${percent}%` }} />
      {fraction === 0 && (
        <div className="stage-cover stage-cover-clear">
          <Spinner size={24} label="Loading slices" />
        </div>
      )}
    </div>
  );
}

function NoWebGl() {
  return (
    <div className="state" role="alert">
      <h3>This browser cannot draw volumes.</h3>
      <p>
        It offers no WebGL 2. Switch on hardware acceleration in the browser&apos;s settings, or open this
        page in a current Chrome, Edge or Firefox.
      </p>
    </div>
  );
}
