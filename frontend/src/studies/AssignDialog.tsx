import { RadioGroup } from 'radix-ui';
import { useState } from 'react';

import { explain } from '../api';
import type { PartitionName } from '../api';
import { Button, Dialog, Notice, plural, toast } from '../ui';
import './assign-dialog.css';
import { useAssignPartition } from './queries';

interface Assignable {
  id: number;
  pseudonym: string;
}

interface AssignDialogProps {
  slug: string;
  /** Patients that may be assigned; none keeps the dialog closed. */
  patients: readonly Assignable[];
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
export function AssignDialog({ slug, patients, onClose }: AssignDialogProps) {
  const [side, setSide] = useState<PartitionName | ''>('');
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const assign = useAssignPartition(slug);
  const ids = patients.map(({ id }) => id).filter((id) => !left.has(id));
  const close = () => {
    setSide('');
    setLeft(new Set());
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
  const ready = side !== '' && ids.length > 0;
  const footer = (
    <>
      <Button onClick={close}>Cancel</Button>
      <Button kind="primary" disabled={!ready} busy={assign.isPending} onClick={confirm}>
        {ready ? `Assign ${ids.length} to the ${side.toLowerCase()}` : 'Assign'}
      </Button>
    </>
  );
  return (
    <Dialog
      open={patients.length > 0}
      onClose={close}
      title={patients.length === 1 ? `Assign ${patients[0]?.pseudonym ?? ''}` : 'Assign patients'}
      description="Which side of the wall? A task is opened for each volume to draw."
      footer={footer}
    >
      {patients.length > 1 && <Choice patients={patients} left={left} onChange={setLeft} />}
      <Sides side={side} onChange={setSide} />
      <Notice tone="warn">
        This is for good. A patient never changes sides, because scores only count on patients that no model
        has seen.
      </Notice>
    </Dialog>
  );
}

function Sides({ side, onChange }: { side: PartitionName | ''; onChange: (side: PartitionName) => void }) {
  return (
    <RadioGroup.Root
      className="assign-sides"
      aria-label="Side"
      value={side}
      onValueChange={(value) => onChange(value as PartitionName)}
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
  );
}

interface ChoiceProps {
  patients: readonly Assignable[];
  /** Patients that stay unassigned for now. */
  left: ReadonlySet<number>;
  onChange: (left: ReadonlySet<number>) => void;
}

function Choice({ patients, left, onChange }: ChoiceProps) {
  const toggle = (id: number, chosen: boolean) => {
    const next = new Set(left);
    if (chosen) next.delete(id);
    else next.add(id);
    onChange(next);
  };
  return (
    <fieldset className="assign-choice">
      <legend className="visually-hidden">Patients</legend>
      {patients.map(({ id, pseudonym }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={!left.has(id)}
            onChange={(event) => toggle(id, event.currentTarget.checked)}
          />
          {pseudonym}
        </label>
      ))}
    </fieldset>
  );
}
