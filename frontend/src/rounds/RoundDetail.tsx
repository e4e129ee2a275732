import { ScrollText } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import { explain } from '../api';
import type { Round, Run } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Badge, Button, Card, ConfirmDialog, Notice, Progress, toast } from '../ui';
import { LogDrawer } from './LogDrawer';
import { isLive, useCancelRound, useRetryRound } from './queries';
import './rounds.css';
import { ScoreTable } from './ScoreTable';
import { Steps } from './Steps';
import { TrainingCurves } from './TrainingCurves';
import { roundFacts, roundState } from './words';

/** Everything about one round: steps, progress, curves, verdict and scores. */
export function RoundDetail({ round, title }: { round: Round; title: ReactNode }) {
  const running = round.steps.find((step) => step.state === 'running');
  const [word, tone] = roundState(round.state);
  const heading = (
    <span className="round-title">
      {title}
      <Badge tone={tone} dot>
        {word}
      </Badge>
      <span className="round-facts">{roundFacts(round)}</span>
    </span>
  );
  return (
    <Card title={heading} actions={<RoundActions round={round} />}>
      <div className="round">
        <Steps steps={round.steps} />
        {running !== undefined && (
          <Progress
            label={`Round ${round.number}`}
            fraction={running.fraction}
            message={running.message}
            secondsLeft={running.seconds_left}
          />
        )}
        {round.cancelling && <Notice>This round is being cancelled; its run ends within seconds.</Notice>}
        {round.error !== '' && <Notice tone="bad">{round.error}</Notice>}
        {round.state === 'held' && <Notice tone="warn">{round.verdict}</Notice>}
        <TrainingCurves round={round} />
        {round.model?.scores && <ScoreTable scores={round.model.scores} previous={round.previous_scores} />}
      </div>
    </Card>
  );
}

function RoundActions({ round }: { round: Round }) {
  const project = useCurrentProject();
  const [shownLog, setShownLog] = useState<Run | null>(null);
  const lastRun = round.runs.at(-1);
  return (
    <>
      {lastRun !== undefined && (
        <Button
          size="small"
          kind="quiet"
          icon={<ScrollText size={14} />}
          onClick={() => setShownLog(lastRun)}
        >
          Log
        </Button>
      )}
      {can(project, 'manage_rounds') && isLive(round) && !round.cancelling && (
        <CancelRound slug={project.slug} round={round} />
      )}
      {can(project, 'manage_rounds') && round.state === 'failed' && (
        <RetryRound slug={project.slug} round={round} />
      )}
      <LogDrawer round={round} run={shownLog} onChange={setShownLog} />
    </>
  );
}

function CancelRound({ slug, round }: { slug: string; round: Round }) {
  const [asking, setAsking] = useState(false);
  const cancel = useCancelRound(slug);
  const confirm = () =>
    cancel.mutate(round.id, {
      onSuccess: () => toast.info(`Round ${round.number} is being cancelled.`),
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
      onSettled: () => setAsking(false),
    });
  return (
    <>
      <Button size="small" onClick={() => setAsking(true)}>
        Cancel round
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={confirm}
        title={`Cancel round ${round.number}?`}
        word="Cancel the round"
        kind="danger"
        busy={cancel.isPending}
      >
        The training stops and no model comes out of it. The active model and the frozen snapshot stay as they
        are.
      </ConfirmDialog>
    </>
  );
}

function RetryRound({ slug, round }: { slug: string; round: Round }) {
  const retry = useRetryRound(slug);
  const start = () =>
    retry.mutate(round.id, { onError: (error) => toast.bad(explain(error).title, explain(error).advice) });
  return (
    <Button size="small" kind="primary" busy={retry.isPending} onClick={start}>
      Try again
    </Button>
  );
}
