import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, call, explain } from '../api';
import type { Task } from '../api';
import { useVolume } from '../annotate/queries';
import { Button, Dialog, Field, Select, toast } from '../ui';
import { slicesOf, type Wish } from './asking';

const KINDS: { value: Wish['kind']; label: string }[] = [
  { value: 'whole', label: 'The whole volume' },
  { value: 'list', label: 'These slices' },
  { value: 'every', label: 'Every n-th slice' },
  { value: 'spread', label: 'So many, spread evenly' },
  { value: 'doubt', label: 'So many, where the model was least sure' },
];

/** Asks for some slices of a case alone. */
export function AskDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const [kind, setKind] = useState<Wish['kind']>('spread');
  const [text, setText] = useState('24');
  const size = useVolume(task.volume_id).data?.shape_zyx[0];
  const doubt = useDoubtOf(task, kind === 'doubt');
  const ask = useAsk(task, onClose);
  const slices = size === undefined ? undefined : slicesOf(wishOf(kind, text), size, doubt);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Ask for slices of ${task.patient.pseudonym}`}
      footer={
        <Button
          kind="primary"
          busy={ask.isPending}
          disabled={slices === undefined}
          onClick={() => slices !== undefined && ask.mutate(slices)}
        >
          Ask
        </Button>
      }
    >
      <Select
        label="What to ask for"
        value={kind}
        options={KINDS}
        onChange={(value) => setKind(KINDS.find((row) => row.value === value)?.value ?? 'whole')}
      />
      {kind !== 'whole' && (
        <Field
          label={kind === 'list' ? `Slices, such as 10-20, 35 of 1 to ${size ?? '…'}` : 'Number'}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      )}
      <p className="muted">{summary(slices, size, kind, doubt)}</p>
    </Dialog>
  );
}

function wishOf(kind: Wish['kind'], text: string): Wish {
  if (kind === 'whole') return { kind };
  if (kind === 'list') return { kind, text };
  return kind === 'every' ? { kind, step: Number(text) } : { kind, count: Number(text) };
}

function summary(
  slices: number[] | null | undefined,
  size: number | undefined,
  kind: Wish['kind'],
  doubt: readonly number[] | null,
): string {
  if (size === undefined) return 'Reading the volume …';
  if (slices === null) return `All ${size} slices count.`;
  if (slices !== undefined)
    return `${slices.length} of ${size} slices. The others are kept as they are drawn, and do not count.`;
  if (kind === 'doubt' && doubt === null) return 'No model’s doubt is known for this case.';
  return kind === 'list' ? `Give slices from 1 to ${size}.` : `Give a number from 1 to ${size}.`;
}

function useDoubtOf(task: Task, wanted: boolean): readonly number[] | null {
  const { data } = useQuery({
    queryKey: ['task', task.id, 'doubt'],
    queryFn: () => call(api.GET('/api/tasks/{id}/doubt', { params: { path: { id: task.id } } })),
    enabled: wanted,
  });
  return data?.slices ?? null;
}

function useAsk(task: Task, done: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (slices: number[] | null) =>
      call(api.POST('/api/tasks/{id}/slices', { params: { path: { id: task.id } }, body: { slices } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['tasks', task.project] });
      done();
    },
    onError: (error) => toast.bad(explain(error).title, explain(error).advice),
  });
}
