import { Upload } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Button, Dialog, Field, Notice, toast } from '../ui';
import { inputsOf, namesOf } from './bringing';
import { useBringModel } from './queries';

/** The button that takes in a model which was trained elsewhere, and its form. */
export function BringModel({ live }: { live: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="small"
        icon={<Upload size={14} />}
        disabled={live}
        title={live ? 'A round is running. Wait for it, or cancel it.' : undefined}
        onClick={() => setOpen(true)}
      >
        Bring a model
      </Button>
      {open && <BringDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function BringDialog({ onClose }: { onClose: () => void }) {
  const { slug } = useCurrentProject();
  const [file, setFile] = useState<File | null>(null);
  const [hash, setHash] = useState('');
  const [inputs, setInputs] = useState('0, 1');
  const [names, setNames] = useState('');
  const bring = useBringModel(slug);
  const channels = inputsOf(inputs);
  const labels = namesOf(names);
  const problem = bring.isError ? explain(bring.error) : null;
  const confirm = () => {
    if (file === null || channels === null || labels === null) return;
    bring.mutate(
      { file, hash, channels, labels },
      {
        onSuccess: (round) => {
          toast.good(`Round ${round.number} takes the model in.`);
          onClose();
        },
      },
    );
  };
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button
        kind="primary"
        busy={bring.isPending}
        disabled={file === null || channels === null || labels === null}
        onClick={confirm}
      >
        Take it in
      </Button>
    </>
  );
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Bring a model"
      description="The zip that nnU-Net's export writes, such as published weights. Nothing in it is run. The model is scored on the benchmark like any other, and drafts if it is no worse; the next training starts from it where inputs and labels are the same."
      footer={footer}
    >
      <div className="bring">
        <Field
          label="Zip file"
          type="file"
          accept=".zip,application/zip"
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
        />
        <Field
          label="SHA-256, if it was published"
          value={hash}
          spellCheck={false}
          onChange={(event) => setHash(event.target.value.trim())}
        />
        <Field
          label="What its inputs are, in order: a phase, or a phase minus another, such as 0, 1, 1-0"
          value={inputs}
          aria-invalid={channels === null}
          onChange={(event) => setInputs(event.target.value)}
        />
        <Field
          label="Labels of another name, as theirs = ours; nothing after the sign leaves one out"
          placeholder="FGT = fibroglandular tissue, fat ="
          value={names}
          aria-invalid={labels === null}
          onChange={(event) => setNames(event.target.value)}
        />
        {channels === null && <Notice tone="warn">Inputs are phases from 0, such as: 0, 1, 1-0.</Notice>}
        {labels === null && (
          <Notice tone="warn">Labels are pairs, such as: FGT = fibroglandular tissue.</Notice>
        )}
        {problem !== null && (
          <Notice tone="bad">
            <strong>{problem.title}</strong> {problem.advice}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
