import { RefreshCw } from 'lucide-react';
import { useSyncExternalStore } from 'react';

import type { Remark } from '../api';
import { Button, classes, ErrorState, Spinner } from '../ui';
import { NoWebGlError, PLANES } from '../viewer';
import type { PlaneName } from '../viewer';
import type { Desk, Layout } from './desk';
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

/** The pictures: one plane or three, and the strip of slices. */
export function Stage({ desk, panes, failure, retry, remarks = NONE }: StageProps) {
  const attach = (plane: PlaneName, element: HTMLDivElement | null): void => panes.put(plane, element);
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
  attach: (plane: PlaneName, element: HTMLDivElement | null) => void;
  remarks: readonly Remark[];
}

/** The elements of the panes are there before the desk, which draws in them, and stay for as long as it does. */
function StageGrid({ desk, attach, remarks }: GridProps) {
  const layout = useLayout(desk);
  const main = desk?.viewer.mainPlane ?? 'axial';
  return (
    <div className={classes('stage-grid', `stage-${layout}`, `stage-main-${main}`)}>
      {PLANES.map((plane) => (
        <Pane
          key={plane}
          plane={plane}
          desk={desk}
          remarks={remarks}
          shown={plane === main || layout === 'three'}
          attach={attach}
        />
      ))}
      {desk !== null && <SliceStrip desk={desk} remarks={remarks} />}
    </div>
  );
}

function useLayout(desk: Desk | null): Layout {
  return useSyncExternalStore(
    (changed) => desk?.store.subscribe(changed) ?? (() => undefined),
    () => desk?.state.layout ?? 'one',
  );
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
