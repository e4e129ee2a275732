import { CircleAlert, CircleCheck, CloudOff, LogIn, Pencil } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import { ago, Button, classes, Spinner, Tooltip, useNow } from '../ui';
import './save-indicator.css';
import type { Saving } from './saving';
import { type SaveState, sentence } from './saveStates';
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

const WAY_OUT: Partial<Record<SaveState['kind'], string>> = {
  offline: 'Try now',
  'signed-out': 'Sign in',
};

/** Whether the strokes are safe, since when, on which revision, and what to do where they are not. */
export function SaveIndicator({ saving }: { saving: Saving }) {
  const save = useSavingState(saving, (state) => state.save);
  const revision = useSavingState(saving, (state) => state.revision);
  const savedAt = useSavingState(saving, (state) => state.savedAt);
  const now = useNow(10_000);
  const { word, icon: Icon, tone } = WORDS[save.kind];
  const when = savedAt === null ? null : ago(savedAt.toISOString(), now);
  const since = save.kind === 'saved' ? when : null;
  return (
    <>
      <Tooltip
        text={
          when === null || save.kind === 'saved' ? sentence(save) : `${sentence(save)} Last saved ${when}.`
        }
      >
        <span
          className={classes('save-state', `save-${tone}`)}
          role="status"
          data-testid="save-state"
          data-state={save.kind}
        >
          {Icon === null ? <Spinner size={14} /> : <Icon size={15} />}
          <span>
            {word}
            {since !== null && ` ${since}`}
          </span>
          <span className="save-revision" data-testid="revision" data-revision={revision}>
            {revision === 0 ? 'nothing yet' : `rev. ${revision}`}
          </span>
        </span>
      </Tooltip>
      {save.kind in WAY_OUT && (
        <Button size="small" onClick={() => saving.retry()}>
          {WAY_OUT[save.kind]}
        </Button>
      )}
    </>
  );
}
