import { useState } from 'react';

import { CaseHeader } from '../annotate/CaseHeader';
import { CurvePanel } from '../annotate/curve/CurvePanel';
import type { Desk } from '../annotate/desk';
import { viewCommands } from '../annotate/deskCommands';
import { OverlayPanel } from '../annotate/DisplayPanel';
import { KeysDialog } from '../annotate/KeysDialog';
import { LabelPanel } from '../annotate/LabelPanel';
import { PaneSet } from '../annotate/paneSet';
import { PhaseBar } from '../annotate/PhaseBar';
import type { Pin } from '../annotate/queries';
import { Stage } from '../annotate/Stage';
import { useTaskOnStrip } from '../annotate/strip/useTaskOnStrip';
import { SurfacePanel } from '../annotate/surface/SurfacePanel';
import { ToolRail } from '../annotate/ToolRail';
import { useDesk } from '../annotate/useDesk';
import { type Commands, idsOf, useEditorKeys } from '../annotate/useEditorKeys';
import { useKeymap } from '../annotate/useKeymap';
import type { Project, Remark, Task, Volume } from '../api';
import type { DifferenceCounts } from '../viewer';
import { ApproveDialog } from './ApproveDialog';
import type { Since } from './changes';
import { ChangesPanel } from './ChangesPanel';
import { HistoryPanel } from './HistoryPanel';
import { ReturnPanel } from './ReturnPanel';
import { ReviewActions } from './ReviewActions';
import { ReviewBanner } from './ReviewBanner';
import { SubmissionPanel } from './SubmissionPanel';
import { useMaskOnDesk } from './useMaskOnDesk';
import '../annotate/workspace.css';

type Asking = 'approve' | 'return' | 'keys' | null;

interface ReviewDeskProps {
  task: Task;
  volume: Volume;
  project: Project;
}

/** A case to be looked at, with its mask, and the decision on it. */
export function ReviewDesk({ task, volume, project }: ReviewDeskProps) {
  useKeymap();
  const [panes] = useState(() => new PaneSet());
  const { desk, failure } = useDesk(volume, project.labels, panes);
  const [since, setSince] = useState<Since | null>(null);
  useTaskOnStrip(desk, task);
  const shown = useMaskOnDesk(desk, task.id, since);
  const [asking, setAsking] = useState<Asking>(null);
  const [pins, setPins] = useState<readonly Pin[]>([]);
  const close = (): void => setAsking(null);
  const revision = shown.mask?.revision ?? null;
  return (
    <div className="workspace">
      <CaseHeader task={task} back={{ to: `/projects/${task.project}/review`, name: 'review queue' }}>
        <ReviewActions task={task} revision={revision} ask={setAsking} />
      </CaseHeader>
      <ToolRail desk={desk} showKeys={() => setAsking('keys')} />
      <main className="workspace-main">
        <PhaseBar desk={desk} />
        <ReviewBanner task={task} project={project} revision={revision} reload={shown.retry} />
        <Stage
          desk={desk}
          panes={panes}
          failure={failure ?? shown.failure}
          retry={shown.retry}
          remarks={task.last_review?.remarks ?? NO_REMARKS}
        />
        <SurfacePanel desk={desk} />
      </main>
      <aside className="workspace-side">
        {asking === 'return' && desk !== null && revision !== null && (
          <ReturnPanel
            task={task}
            revision={revision}
            desk={desk}
            pins={pins}
            setPins={setPins}
            onClose={close}
          />
        )}
        {desk !== null && (
          <SidePanels task={task} desk={desk} since={since} setSince={setSince} counts={shown.counts} />
        )}
      </aside>
      {desk !== null && (
        <Keyboard desk={desk} task={task} ready={revision !== null} asking={asking} ask={setAsking} />
      )}
      {asking === 'approve' && <ApproveDialog task={task} revision={revision} onClose={close} />}
    </div>
  );
}

const NO_REMARKS: readonly Remark[] = [];

interface SideProps {
  task: Task;
  desk: Desk;
  since: Since | null;
  setSince: (since: Since | null) => void;
  counts: DifferenceCounts | null;
}

function SidePanels({ task, desk, ...changes }: SideProps) {
  return (
    <>
      <LabelPanel desk={desk} />
      <OverlayPanel desk={desk} />
      <CurvePanel desk={desk} />
      <SubmissionPanel task={task} labels={desk.labels} goTo={(z, y, x) => desk.goTo(z, y, x)} />
      <ChangesPanel task={task} {...changes} />
      <HistoryPanel task={task} goTo={({ z, y, x }) => desk.goTo(z, y, x)} />
    </>
  );
}

interface KeyboardProps {
  desk: Desk;
  task: Task;
  ready: boolean;
  asking: Asking;
  ask: (what: Asking) => void;
}

/** Listens to the keyboard, and shows what its keys do when asked. */
function Keyboard({ desk, task, ready, asking, ask }: KeyboardProps) {
  const may = (action: 'approve' | 'return'): boolean => ready && task.actions.includes(action);
  const commands: Commands = {
    ...viewCommands(desk),
    keys: () => ask('keys'),
    approve: () => may('approve') && ask('approve'),
    return: () => may('return') && ask('return'),
  };
  useEditorKeys(commands, 'review');
  return (
    <KeysDialog open={asking === 'keys'} onClose={() => ask(null)} ids={idsOf(commands)} page="review" />
  );
}
