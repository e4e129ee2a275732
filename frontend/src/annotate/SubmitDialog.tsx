import { useMutation } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { ApiError, explain } from '../api';
import type { Task } from '../api';
import { Button, Dialog, Notice, toast } from '../ui';
import { useNextTask } from '../worklist/queries';
import type { Desk } from './desk';
import { millilitres } from './measures';
import { useTaskMove } from './queries';
import type { Saving } from './saving';
import './submit-dialog.css';
import { useDeskState } from './useDesk';

interface SubmitProps {
  task: Task;
  desk: Desk;
  saving: Saving;
  onClose: () => void;
}

/** What is about to be handed in; everything is saved first. */
export function SubmitDialog({ task, desk, saving, onClose }: SubmitProps) {
  const submit = useSubmit(task, saving);
  const totals = useDeskState(desk, (state) => state.totals);
  const isEmpty = desk.labels.every(({ value }) => (totals[value] ?? 0) === 0);
  const busy = submit.isPending;
  const footer = (
    <>
      <Button onClick={() => submit.mutate('worklist')} disabled={busy}>
        Submit and leave
      </Button>
      <Button kind="primary" busy={busy} onClick={() => submit.mutate('next')}>
        Submit, then the next case
      </Button>
    </>
  );
  return (
    <Dialog open onClose={onClose} title={`Submit ${task.patient.pseudonym}`} footer={footer}>
      {isEmpty ? (
        <Notice tone="warn">Nothing is drawn in this case.</Notice>
      ) : (
        <Drawn desk={desk} totals={totals} />
      )}
      <p className="muted">A radiologist approves it or gives it back. Until then it cannot be changed.</p>
      {submit.isError && <Notice tone="bad">{explainFailure(submit.error)}</Notice>}
    </Dialog>
  );
}

function Drawn({ desk, totals }: { desk: Desk; totals: readonly number[] }) {
  const slices = useDeskState(desk, (state) => state.labelsBySlice);
  return (
    <table className="drawn">
      <thead>
        <tr>
          <th>Label</th>
          <th>Volume</th>
          <th>Slices</th>
        </tr>
      </thead>
      <tbody>
        {desk.labels.map(({ value, name, colour }) => {
          const voxels = totals[value] ?? 0;
          const on = slices.filter((values) => values.includes(value)).length;
          return (
            <tr key={value} className={voxels === 0 ? 'drawn-empty' : undefined}>
              <td>
                <span className="label-swatch" style={{ background: colour }} />
                {name}
              </td>
              <td>{voxels === 0 ? 'not drawn' : millilitres(desk.volume, voxels)}</td>
              <td>{on === 0 ? '' : on}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Save, submit what was saved, and go where the user wants to. */
function useSubmit(task: Task, saving: Saving) {
  const move = useTaskMove(task);
  const next = useNextTask(task.project);
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (then: 'next' | 'worklist') => {
      const revision = await saving.flush();
      await move.mutateAsync({ action: 'submit', revision });
      toast.good(`${task.patient.pseudonym} is submitted.`);
      const following = then === 'next' ? await claimNext(next.mutateAsync) : null;
      await navigate(following === null ? `/projects/${task.project}/worklist` : `/tasks/${following.id}`);
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

function explainFailure(error: unknown): string {
  if (!(error instanceof ApiError))
    return error instanceof Error ? error.message : 'The case was not submitted.';
  const { title, advice } = explain(error);
  return `${title} ${advice}`;
}
