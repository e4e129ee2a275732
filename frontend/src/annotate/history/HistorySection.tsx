import { Undo2 } from 'lucide-react';

import type { Revision, Task } from '../../api';
import { ago, Button, classes, LoadMore, moment, Section, Spinner } from '../../ui';
import { DIFFERENCE_COLOURS, type LabelStyle } from '../../viewer';
import { useHistory } from '../queries';
import type { Saving } from '../saving';
import { useSavingState } from '../useSaving';
import './history.css';
import { type Preview, type PreviewMode, usePreview } from './usePreview';

/** Every saved revision: who, when, what; each can be looked at, compared and brought back. */
export function HistorySection({ task, saving }: { task: Task; saving: Saving }) {
  return (
    <Section id="history" title="History" open={false}>
      <HistoryList task={task} saving={saving} />
    </Section>
  );
}

function HistoryList({ task, saving }: { task: Task; saving: Saving }) {
  const revision = useSavingState(saving, (state) => state.revision);
  const history = useHistory(task.id, revision);
  const preview = usePreview(saving, task.id);
  if (!history.items) return <Spinner size={16} label="Reading the history" />;
  if (history.items.length === 0) return <p className="muted">Nothing is saved yet.</p>;
  return (
    <>
      {preview.shown !== null && <Shown preview={preview} labels={saving.desk.labels} />}
      <ol className="history">
        {history.items.map((item) => (
          <Row key={item.number} item={item} preview={preview} labels={saving.desk.labels} />
        ))}
      </ol>
      <LoadMore {...history} />
    </>
  );
}

interface RowProps {
  item: Revision;
  preview: Preview;
  labels: readonly LabelStyle[];
}

const ORIGINS = { human: '', model: 'draft', import: 'import' } as const;

function Row({ item, preview, labels }: RowProps) {
  const on = preview.shown?.revision === item.number;
  const origin = ORIGINS[item.origin];
  return (
    <li>
      <button
        type="button"
        className={classes('history-row', on && 'history-row-on')}
        aria-pressed={on}
        disabled={preview.busy}
        title={`${moment(item.created_at)}. Show this revision.`}
        onClick={() => preview.show(item.number, preview.shown?.mode ?? 'mask')}
      >
        <span className="history-number">{item.number}</span>
        <span className="history-author">{item.author ?? item.source}</span>
        {origin !== '' && <span className="history-origin">{origin}</span>}
        <span className="history-when">{ago(item.created_at)}</span>
        <span className="history-changed">
          {Object.entries(item.changed).map(([value, count]) => (
            <span key={value}>
              <span className="label-swatch" style={{ background: colourOf(labels, Number(value)) }} />
              {count.toLocaleString('en-GB')}
            </span>
          ))}
        </span>
      </button>
    </li>
  );
}

const MODES: Record<PreviewMode, string> = {
  mask: 'As it was',
  changed: 'What it changed',
  since: 'Since then',
};

function Shown({ preview, labels }: { preview: Preview; labels: readonly LabelStyle[] }) {
  const { shown } = preview;
  if (shown === null) return null;
  return (
    <div className="history-shown" role="region" aria-label={`Revision ${shown.revision}`}>
      <strong>Revision {shown.revision} is shown; drawing rests.</strong>
      <div className="history-modes" role="radiogroup" aria-label="What is shown">
        {(Object.keys(MODES) as PreviewMode[]).map((mode) => (
          <Button
            key={mode}
            size="small"
            kind={mode === shown.mode ? 'primary' : 'secondary'}
            onClick={() => preview.show(shown.revision, mode)}
          >
            {MODES[mode]}
          </Button>
        ))}
      </div>
      {shown.mode !== 'mask' && <Legend />}
      <ul className="history-changes">
        {shown.changes.map(({ label, gained, lost }) => (
          <li key={label}>
            <span className="label-swatch" style={{ background: colourOf(labels, label) }} />
            {labels.find(({ value }) => value === label)?.name ?? label}
            <span>
              +{gained.toLocaleString('en-GB')} −{lost.toLocaleString('en-GB')}
            </span>
          </li>
        ))}
        {shown.changes.length === 0 && <li className="muted">No voxel differs.</li>}
      </ul>
      <div className="history-modes">
        <Button size="small" onClick={preview.leave}>
          Back to drawing
        </Button>
        <Button size="small" kind="primary" icon={<Undo2 size={13} />} onClick={preview.restore}>
          Restore
        </Button>
      </div>
    </div>
  );
}

function Legend() {
  return (
    <p className="history-legend">
      {(['added', 'removed', 'relabelled'] as const).map((kind) => (
        <span key={kind}>
          <span className="label-swatch" style={{ background: DIFFERENCE_COLOURS[kind] }} />
          {kind}
        </span>
      ))}
    </p>
  );
}

function colourOf(labels: readonly LabelStyle[], value: number): string {
  return labels.find((label) => label.value === value)?.colour ?? '#808080';
}
