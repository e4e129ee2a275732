import { Download } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../api';
import type { ModelVersion } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Button, Dialog, Field, Notice, toast, Tooltip } from '../ui';
import { type ModelChange, useModelChange } from './queries';

/** Take a model's file, promote it, retire it. */
export function ModelActions({ model }: { model: ModelVersion }) {
  const project = useCurrentProject();
  const [asking, setAsking] = useState<ModelChange | null>(null);
  const manages = can(project, 'manage_rounds');
  return (
    <span className="model-actions">
      {manages && model.state !== 'active' && model.state !== 'candidate' && (
        <Button size="small" onClick={() => setAsking('promote')}>
          Promote…
        </Button>
      )}
      {manages && model.state !== 'retired' && model.state !== 'candidate' && (
        <Button size="small" kind="quiet" onClick={() => setAsking('retire')}>
          Retire…
        </Button>
      )}
      {can(project, 'export') && (
        <Tooltip text="Download as nnU-Net lays it out">
          <a
            className="icon-button"
            aria-label={`Download model ${model.number}`}
            href={`/api/projects/${project.slug}/models/${model.number}/file`}
            download
          >
            <Download size={16} />
          </a>
        </Tooltip>
      )}
      {asking !== null && <ChangeDialog model={model} change={asking} onClose={() => setAsking(null)} />}
    </span>
  );
}

const WORDS: Record<ModelChange, { title: string; word: string; story: string }> = {
  promote: {
    title: 'Promote',
    word: 'Promote',
    story:
      'It drafts from now on, whatever the rule of promotion said of it. The active model is retired, and every open case that nobody has begun is drafted anew.',
  },
  retire: {
    title: 'Retire',
    word: 'Retire',
    story: 'It is not used any more. If it is the active one, nothing drafts until another is promoted.',
  },
};

interface ChangeProps {
  model: ModelVersion;
  change: ModelChange;
  onClose: () => void;
}

function ChangeDialog({ model, change, onClose }: ChangeProps) {
  const { slug } = useCurrentProject();
  const [reason, setReason] = useState('');
  const act = useModelChange(slug);
  const { title, word, story } = WORDS[change];
  const problem = act.isError ? explain(act.error) : null;
  const confirm = () =>
    act.mutate(
      { model: model.number, change, reason },
      {
        onSuccess: () => {
          toast.good(`Model ${model.number} is ${change === 'promote' ? 'active' : 'retired'}.`);
          onClose();
        },
      },
    );
  const footer = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button kind="primary" busy={act.isPending} disabled={reason.trim() === ''} onClick={confirm}>
        {word}
      </Button>
    </>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${title} model ${model.number}?`}
      description={story}
      footer={footer}
    >
      <Field
        label="Why? The reason is kept with the change."
        value={reason}
        maxLength={1000}
        autoFocus
        onChange={(event) => setReason(event.target.value)}
      />
      {problem !== null && (
        <Notice tone="bad">
          <strong>{problem.title}</strong> {problem.advice}
        </Notice>
      )}
    </Dialog>
  );
}
