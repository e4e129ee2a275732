import { CircleAlert, CircleCheck, CloudOff, LogIn, Pencil } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { Button, classes, Spinner, Tooltip } from '../ui';
import type { SaveState } from './autosave';
import { sentence } from './autosave';
import './save-indicator.css';
import type { Saving } from './saving';
import { useSavingState } from './useSaving';

const WORDS: Record<SaveState['kind'], { word: string; icon: LucideIcon | null; tone: string }> = {
  saved: { word: 'Saved', icon: CircleCheck, tone: 'good' },
  dirty: { word: 'Unsaved strokes', icon: Pencil, tone: 'muted' },
  saving: { word: 'Saving', icon: null, tone: 'muted' },
  offline: { word: 'Offline, kept here', icon: CloudOff, tone: 'warn' },
  'signed-out': { word: 'Signed out, kept here', icon: LogIn, tone: 'warn' },
  conflict: { word: 'Changed elsewhere', icon: CircleAlert, tone: 'bad' },
  refused: { word: 'Not saved', icon: CircleAlert, tone: 'bad' },
};

/** Whether the strokes are safe, and on which revision. */
export function SaveIndicator({ saving }: { saving: Saving }) {
  const save = useSavingState(saving, (state) => state.save);
  const revision = useSavingState(saving, (state) => state.revision);
  const { word, icon: Icon, tone } = WORDS[save.kind];
  return (
    <>
      <Tooltip text={sentence(save)}>
        <span
          className={classes('save-state', `save-${tone}`)}
          role="status"
          data-testid="save-state"
          data-state={save.kind}
        >
          {Icon === null ? <Spinner size={14} /> : <Icon size={15} />}
          <span>{word}</span>
          <span className="save-revision" data-testid="revision" data-revision={revision}>
            {revision === 0 ? 'nothing yet' : `rev. ${revision}`}
          </span>
        </span>
      </Tooltip>
      {save.kind === 'offline' && (
        <Button size="small" onClick={() => saving.retry()}>
          Try now
        </Button>
      )}
    </>
  );
}
