import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent } from 'react';
import { useNavigate } from 'react-router';

import { ApiError, explain } from '../api';
import type { Finding, Task } from '../api';
import { Button, Dialog, Notice, Spinner, toast } from '../ui';
import { useNextTask } from '../worklist/queries';
import { FindingList } from './checks/FindingList';
import { warningsIn } from './checks/findings';
import type { Checking } from './checks/useChecking';
import type { Desk } from './desk';
import { DrawnTable } from './DrawnTable';
import { useTaskMove } from './queries';
import type { Saving } from './saving';
import './submit-dialog.css';

interface SubmitProps {
  task: Task;
  desk: Desk;
  saving: Saving;
  checking: Checking;
  onClose: () => void;
}

/** What is about to be handed in, and what the checks say of it; everything is saved first. */
export function SubmitDialog({ task, desk, saving, checking, onClose }: SubmitProps) {
  const submit = useSubmit(task, saving, checking);
  const check = (): void => void checking.run().catch(told);
  const first = useEffectEvent(check);
  useEffect(() => first(), []);
  const ready = checking.passed && !checking.busy;
  const busy = submit.isPending;
  const footer = (
    <>
      <Button onClick={() => submit.mutate('worklist')} disabled={!ready || busy}>
        Submit and leave
      </Button>
      <Button kind="primary" busy={busy} disabled={!ready} onClick={() => submit.mutate('next')}>
        Submit, then the next case
      </Button>
    </>
  );
  const goTo = (finding: Finding, place: number): void => {
    onClose();
    checking.goTo(finding, place);
  };
  return (
    <Dialog open onClose={onClose} title={`Submit ${task.patient.pseudonym}`} footer={footer} wide>
      <Checks checking={checking} desk={desk} goTo={goTo} retry={check} />
      <DrawnTable desk={desk} />
      <p className="muted">A radiologist approves it or gives it back. Until then it cannot be changed.</p>
      {submit.isError && <Notice tone="bad">{explainFailure(submit.error)}</Notice>}
    </Dialog>
  );
}

interface ChecksProps {
  checking: Checking;
  desk: Desk;
  goTo: (finding: Finding, place: number) => void;
  retry: () => void;
}

function Checks({ checking, desk, goTo, retry }: ChecksProps) {
  const { report, busy, failure, ticked, tick } = checking;
  const state = busy ? 'busy' : failure !== null ? 'failed' : 'done';
  return (
    <div className="submit-checks" data-testid="checks" data-state={state} aria-live="polite">
      {busy && (
        <p className="muted submit-busy">
          <Spinner size={14} /> Saving, then looking the drawing through
        </p>
      )}
      {!busy && failure !== null && (
        <Notice tone="bad">
          {explainFailure(failure)}{' '}
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        </Notice>
      )}
      {!busy && report?.findings.length === 0 && <Notice tone="good">Every check passes.</Notice>}
      {!busy && report !== null && (
        <FindingList
          findings={report.findings}
          labels={desk.labels}
          goTo={goTo}
          ticked={ticked}
          tick={tick}
        />
      )}
    </div>
  );
}

/** Save, submit what was checked, and go where the user wants to. */
function useSubmit(task: Task, saving: Saving, checking: Checking) {
  const move = useTaskMove(task);
  const next = useNextTask(task.project);
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (then: 'next' | 'worklist') => {
      const revision = await saving.flush();
      const accepted = warningsIn(checking.report?.findings ?? []).map(({ key }) => key);
      if (revision !== checking.report?.revision)
        throw new Error('The drawing has changed; it is checked again.');
      await move.mutateAsync({ action: 'submit', revision, accepted });
      toast.good(`${task.patient.pseudonym} is submitted.`);
      const following = then === 'next' ? await claimNext(next.mutateAsync) : null;
      await navigate(following === null ? `/projects/${task.project}/worklist` : `/tasks/${following.id}`);
    },
    onError: (error) => {
      const again = !(error instanceof ApiError) || error.detail.reason === 'checks';
      if (again) void checking.run().catch(told);
    },
  });
}

/** The next case, or null where nothing waits. */
async function claimNext(claim: () => Promise<Task>): Promise<Task | null> {
  try {
    return await claim();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    toast.info('No other case waits.');
    return null;
  }
}

/** The dialog shows why a check failed. */
const told = (): void => undefined;

function explainFailure(error: unknown): string {
  if (!(error instanceof ApiError))
    return error instanceof Error ? error.message : 'The case was not submitted.';
  const { title, advice } = explain(error);
  return `${title} ${advice}`;
}
