import { RadioGroup } from 'radix-ui';
import { useState } from 'react';

import { explain } from '../api';
import { Button, Dialog, Notice, plural, toast } from '../ui';
import './assign-dialog.css';
import { useAssignPartition } from './queries';
import type { PartitionName } from './queries';

interface AssignDialogProps {
  slug: string;
  /** Ids of the patients; empty keeps the dialog closed. */
  ids: readonly number[];
  onClose: () => void;
}

const SIDES: { value: PartitionName; name: string; meaning: string }[] = [
  {
    value: 'POOL',
    name: 'Pool',
    meaning: 'Drawn with the help of drafts. Approved masks train the next model.',
  },
  {
    value: 'BENCHMARK',
    name: 'Benchmark',
    meaning:
      'Drawn without a draft. Every model is scored on these patients, and none is ever trained on them.',
  },
];

/** Puts patients in the pool or in the benchmark, for good. */
export function AssignDialog({ slug, ids, onClose }: AssignDialogProps) {
  const [side, setSide] = useState<PartitionName | ''>('');
  const assign = useAssignPartition(slug);
  const close = () => {
    setSide('');
    onClose();
  };
  const confirm = () => {
    if (side === '') return;
    assign.mutate(
      { ids, partition: side },
      {
        onSuccess: (count) => {
          toast.good(`${plural(count, 'patient')} assigned to the ${side.toLowerCase()}.`);
          close();
        },
        onError: (error) => toast.bad(explain(error).title, explain(error).advice),
      },
    );
  };
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button kind="primary" disabled={side === ''} busy={assign.isPending} onClick={confirm}>
        {side === '' ? 'Assign' : `Assign to the ${side.toLowerCase()}`}
      </Button>
    </>
  );
  return (
    <Dialog
      open={ids.length > 0}
      onClose={close}
      title={`Assign ${plural(ids.length, 'patient')}`}
      description="Which side of the wall? A task is opened for each volume to draw."
      footer={footer}
    >
      <RadioGroup.Root
        className="assign-sides"
        aria-label="Side"
        value={side}
        onValueChange={(value) => setSide(value as PartitionName)}
      >
        {SIDES.map(({ value, name, meaning }) => (
          <RadioGroup.Item key={value} value={value} className="assign-side">
            <span className="assign-dot" aria-hidden="true" />
            <span>
              <strong>{name}</strong>
              <span className="muted">{meaning}</span>
            </span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      <Notice tone="warn">
        This is for good. A patient never changes sides, because scores only count on patients that no model
        has seen.
      </Notice>
    </Dialog>
  );
}
