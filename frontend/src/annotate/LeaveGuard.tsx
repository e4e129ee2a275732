import { useEffect, useState } from 'react';
import { useBlocker } from 'react-router';

import { Button, Dialog } from '../ui';
import type { Saving } from './saving';

/** Saves before the page is left for another one, and asks where that does not succeed. */
export function LeaveGuard({ saving }: { saving: Saving }) {
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    return saving.hasUnsaved && currentLocation.pathname !== nextLocation.pathname;
  });
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    saving.flush().then(
      () => blocker.proceed(),
      (error: unknown) => setProblem(error instanceof Error ? error.message : ''),
    );
  }, [blocker, saving]);
  if (blocker.state !== 'blocked' || problem === null) return null;
  const stay = (): void => {
    setProblem(null);
    blocker.reset();
  };
  const leave = (): void => {
    setProblem(null);
    blocker.proceed();
  };
  const footer = (
    <>
      <Button onClick={leave}>Leave</Button>
      <Button kind="primary" onClick={stay}>
        Stay
      </Button>
    </>
  );
  return (
    <Dialog open onClose={stay} title="The last strokes are not saved" description={problem} footer={footer}>
      <p className="muted">If you leave, they are offered back when you open this case in this browser.</p>
    </Dialog>
  );
}
