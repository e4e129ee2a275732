import { Play } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import { useBenchmark } from '../benchmarks/queries';
import { Button, Dialog, Notice, plural, Select, toast, Tooltip } from '../ui';
import { useTaskCounts } from '../worklist/queries';
import { type PresetName, useStartRound } from './queries';

const MIN_CASES = 2;

const PRESETS: { value: PresetName; label: string; note: string }[] = [
  { value: 'demo', label: 'Demo', note: 'A small 2-D network; minutes on a processor.' },
  { value: 'draft', label: 'Draft', note: '3-D full resolution, 250 epochs; hours on a GPU.' },
  {
    value: 'final',
    label: 'Final',
    note: 'Five folds of each configuration, the best one kept; days on a GPU.',
  },
  {
    value: 'smoke',
    label: 'Smoke',
    note: 'Two epochs, to see that everything runs. The model is of no use.',
  },
];

/** Approved cases of the pool, as far as they can be known here; undefined while loading. */
function useApprovedPool(slug: string): number | undefined {
  const counts = useTaskCounts(slug).data;
  const benchmark = useBenchmark(slug).data;
  if (counts === undefined || benchmark === undefined) return undefined;
  return counts.approved - benchmark.approved;
}

function whyNot(live: boolean, approved: number | undefined): string | null {
  if (live) return 'A round is running. Wait for it, or cancel it.';
  if (approved !== undefined && approved < MIN_CASES) {
    return `A training needs ${MIN_CASES} approved cases of the pool, and there ${approved === 1 ? 'is 1' : `are ${approved}`}. Have cases approved first.`;
  }
  return null;
}

/** The button that starts a round, and the dialog that says what it will do. */
export function StartRound({ slug, live }: { slug: string; live: boolean }) {
  const [open, setOpen] = useState(false);
  const approved = useApprovedPool(slug);
  const reason = whyNot(live, approved);
  const button = (
    <Button
      kind="primary"
      size="large"
      icon={<Play size={16} />}
      aria-disabled={reason !== null}
      className={reason === null ? undefined : 'start-blocked'}
      onClick={() => reason === null && setOpen(true)}
    >
      Start a round
    </Button>
  );
  return (
    <>
      {reason === null ? button : <Tooltip text={reason}>{button}</Tooltip>}
      <StartDialog slug={slug} open={open} approved={approved} onClose={() => setOpen(false)} />
    </>
  );
}

interface StartDialogProps {
  slug: string;
  open: boolean;
  approved: number | undefined;
  onClose: () => void;
}

function StartDialog({ slug, open, approved, onClose }: StartDialogProps) {
  const [preset, setPreset] = useState<PresetName>('demo');
  const start = useStartRound(slug);
  const close = () => {
    start.reset();
    onClose();
  };
  const confirm = () =>
    start.mutate(preset, {
      onSuccess: (round) => {
        toast.good(`Round ${round.number} has started.`);
        close();
      },
    });
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button kind="primary" busy={start.isPending} onClick={confirm}>
        Freeze and start
      </Button>
    </>
  );
  const cases = approved === undefined ? 'All approved cases' : `The ${plural(approved, 'approved case')}`;
  const problem = start.isError ? explain(start.error) : null;
  return (
    <Dialog open={open} onClose={close} title="Start a round" footer={footer}>
      <ol className="start-story">
        <li>
          <b>Freeze.</b> {cases} of the pool become a snapshot that never changes. Benchmark patients stay
          out.
        </li>
        <li>
          <b>Train.</b> nnU-Net trains on the snapshot, from the active model where there is one.
        </li>
        <li>
          <b>Score.</b> The new model draws the benchmark and is measured, label by label.
        </li>
        <li>
          <b>Promote.</b> It becomes active if no label gets worse by more than 0.02 Dice; else it is held.
        </li>
        <li>
          <b>Draft.</b> A promoted model drafts every open case of the pool.
        </li>
      </ol>
      <div className="start-preset">
        <span className="muted">Training</span>
        <Select
          label="Training preset"
          value={preset}
          options={PRESETS}
          onChange={(value) => setPreset(PRESETS.find((known) => known.value === value)?.value ?? 'demo')}
        />
      </div>
      <p className="muted">{PRESETS.find(({ value }) => value === preset)?.note}</p>
      {problem !== null && (
        <Notice tone="bad">
          <strong>{problem.title}</strong> {problem.advice}
        </Notice>
      )}
    </Dialog>
  );
}
