import { useCallback, useEffect, useRef, useState } from 'react';

import type { Project, Remark, Task, Volume } from '../api';
import { explain } from '../api';
import { useActivity } from './activity/useActivity';
import { Button, toast } from '../ui';
import { DraftBanner, LookingBanner, ReturnedBanner } from './Banners';
import { CaseHeader } from './CaseHeader';
import { CaseSafety } from './CaseSafety';
import { FindingsPanel } from './checks/FindingsPanel';
import { type Checking, useChecking } from './checks/useChecking';
import { CurvePanel } from './curve/CurvePanel';
import type { Desk } from './desk';
import { drawCommands, viewCommands } from './deskCommands';
import { OverlayPanel } from './DisplayPanel';
import { RulesPanel } from './drawing/RulesPanel';
import { ToolPanel } from './drawing/ToolPanel';
import { HistorySection } from './history/HistorySection';
import { KeysDialog } from './KeysDialog';
import { type AnnotateCommands, type CommandId, ROWS } from './keys';
import { OperationsPanel } from './operations/OperationsPanel';
import { LabelPanel } from './LabelPanel';
import { PaneSet } from './paneSet';
import { PhaseBar } from './PhaseBar';
import { ProposalBanner } from './proposal/ProposalBanner';
import { ProposalPanel } from './proposal/ProposalPanel';
import { useProposal } from './proposal/useProposal';
import { useRefreshTask, useTaskMove } from './queries';
import { SaveIndicator } from './SaveIndicator';
import type { Saving } from './saving';
import { Stage } from './Stage';
import { useTaskOnStrip } from './strip/useTaskOnStrip';
import { SubmitDialog } from './SubmitDialog';
import { SurfacePanel } from './surface/SurfacePanel';
import { ToolRail } from './ToolRail';
import { type OpenedLock, useCaseLock } from './useCaseLock';
import { type OpenedDesk, useDesk, useDeskState } from './useDesk';
import { useEditorKeys } from './useEditorKeys';
import { useKeymap } from './useKeymap';
import { HeadWatch } from './useNewerRevision';
import { type OpenedMask, useSaving } from './useSaving';
import './workspace.css';

interface WorkspaceProps {
  task: Task;
  volume: Volume;
  project: Project;
  userId: number;
}

/** The editor of one case. */
export function Workspace({ task, volume, project, userId }: WorkspaceProps) {
  useKeymap();
  const [panes] = useState(() => new PaneSet());
  const opened = useDesk(volume, project.labels, panes);
  const { desk, failure } = opened;
  const { mask, lock } = useSafeSaving(desk, task, userId);
  useTaskOnStrip(desk, task);
  useProposal(desk, task);
  useActivity(task.id, task.actions.includes('save'));
  const [asking, setAsking] = useState<'submit' | 'keys' | null>(null);
  const checking = useChecking(desk, mask.saving, task.id);
  return (
    <div className="workspace">
      <CaseHeader task={task} back={{ to: `/projects/${task.project}/worklist`, name: 'worklist' }}>
        {mask.saving !== null && <SaveIndicator saving={mask.saving} />}
        <CaseActions task={task} ready={mask.saving !== null} submit={() => setAsking('submit')} />
      </CaseHeader>
      <ToolRail desk={desk} showKeys={() => setAsking('keys')} />
      <main className="workspace-main">
        <PhaseBar desk={desk} />
        <CaseBanners task={task} userId={userId} opened={opened} mask={mask} lock={lock} />
        <Stage
          desk={desk}
          panes={panes}
          failure={failure ?? mask.failure}
          retry={mask.retry}
          remarks={pinned(task)}
        />
        <Findings checking={checking} saving={mask.saving} project={project} ask={setAsking} />
        <SurfacePanel desk={desk} />
      </main>
      <aside className="workspace-side">
        {desk !== null && <SidePanels desk={desk} task={task} saving={mask.saving} />}
      </aside>
      {desk !== null && <Keyboard desk={desk} saving={mask.saving} checking={checking} ask={setAsking} />}
      <KeysDialog open={asking === 'keys'} onClose={() => setAsking(null)} ids={IDS} />
      {asking === 'submit' && desk !== null && mask.saving !== null && (
        <SubmitDialog
          task={task}
          desk={desk}
          saving={mask.saving}
          checking={checking}
          onClose={() => setAsking(null)}
        />
      )}
    </div>
  );
}

/** The commands of this page. */
const IDS: ReadonlySet<CommandId> = new Set(ROWS.filter(({ page }) => page !== 'review').map(({ id }) => id));

/** Remarks that are still to be dealt with. */
function pinned({ state, last_review }: Task): readonly Remark[] {
  return state === 'in_progress' && last_review !== null ? last_review.remarks : NO_REMARKS;
}

const NO_REMARKS: readonly Remark[] = [];

function SidePanels({ desk, task, saving }: { desk: Desk; task: Task; saving: Saving | null }) {
  const editable = useDeskState(desk, (state) => state.editable);
  return (
    <>
      <LabelPanel desk={desk} />
      <ProposalPanel desk={desk} />
      {editable && <ToolPanel desk={desk} />}
      {editable && <RulesPanel desk={desk} />}
      {editable && <OperationsPanel desk={desk} />}
      <OverlayPanel desk={desk} />
      <CurvePanel desk={desk} />
      {saving !== null && <HistorySection task={task} saving={saving} />}
    </>
  );
}

/** The mask of the task, saved from this tab alone. */
function useSafeSaving(desk: Desk | null, task: Task, userId: number) {
  const saving = useRef<Saving | null>(null);
  const save = useCallback(() => saving.current?.flush() ?? Promise.resolve(), []);
  const mayDraw = task.actions.includes('save');
  const lock = useCaseLock(task.id, mayDraw, save);
  const editable = mayDraw && lock.tab === 'asking' ? null : mayDraw && lock.tab === 'here';
  const mask = useSaving(desk, task.id, userId, editable);
  useEffect(() => {
    saving.current = mask.saving;
  }, [mask.saving]);
  return { mask, lock };
}

interface BannersProps {
  task: Task;
  userId: number;
  opened: OpenedDesk;
  mask: OpenedMask;
  lock: OpenedLock;
}

function CaseBanners({ task, userId, opened, mask, lock }: BannersProps) {
  const { desk, lost, reopen } = opened;
  const refresh = useRefreshTask(task.id);
  const returned =
    task.state === 'in_progress' && task.last_review?.decision === 'return' ? task.last_review : null;
  const goTo = ({ z, y, x }: Remark): void => desk?.goTo(z, y, x);
  const reload = (): void => {
    refresh();
    mask.retry();
  };
  return (
    <>
      {!task.actions.includes('save') && <LookingBanner task={task} />}
      {returned !== null && <ReturnedBanner review={returned} goTo={goTo} />}
      {desk !== null && <ProposalBanner desk={desk} />}
      {mask.saving !== null && <DraftBanner task={task} saving={mask.saving} />}
      {mask.saving !== null && <HeadWatch task={task} saving={mask.saving} />}
      <CaseSafety {...{ task, userId, desk, mask, lock, lost, reopen, reload }} />
    </>
  );
}

interface ActionsProps {
  task: Task;
  ready: boolean;
  submit: () => void;
}

function CaseActions({ task, ready, submit }: ActionsProps) {
  const move = useTaskMove(task);
  const run = (name: 'claim' | 'release'): void =>
    move.mutate(
      { action: name },
      {
        onError: (error) => {
          const { title, advice } = explain(error);
          toast.bad(title, advice);
        },
      },
    );
  if (task.actions.includes('claim')) {
    return (
      <Button kind="primary" busy={move.isPending} onClick={() => run('claim')}>
        Claim
      </Button>
    );
  }
  if (!task.actions.includes('submit')) return null;
  return (
    <Button kind="primary" disabled={!ready} onClick={submit}>
      Submit
    </Button>
  );
}

interface FindingsProps {
  checking: Checking;
  saving: Saving | null;
  project: Project;
  ask: (what: 'submit') => void;
}

function Findings({ checking, saving, project, ask }: FindingsProps) {
  if (!checking.shown || saving === null) return null;
  return (
    <FindingsPanel checking={checking} saving={saving} labels={project.labels} submit={() => ask('submit')} />
  );
}

interface KeyboardProps {
  desk: Desk;
  saving: Saving | null;
  checking: Checking;
  ask: (what: 'submit' | 'keys') => void;
}

/** Listens to the keyboard; shows nothing. */
function Keyboard({ desk, saving, checking, ask }: KeyboardProps) {
  const save = (): void => {
    saving
      ?.flush()
      .catch((error: unknown) => toast.bad(error instanceof Error ? error.message : 'Not saved.'));
  };
  const commands: AnnotateCommands = {
    ...viewCommands(desk),
    ...drawCommands(desk),
    save,
    submit: () => saving !== null && ask('submit'),
    check: () => {
      if (saving === null) return;
      checking.show(true);
      checking.run().catch(() => undefined); // the list of findings shows why
    },
    'next-finding': () => checking.report && checking.step(1),
    'previous-finding': () => checking.report && checking.step(-1),
    keys: () => ask('keys'),
  };
  useEditorKeys(commands);
  return null;
}
