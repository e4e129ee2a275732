import { Check, X } from 'lucide-react';
import { useStore } from 'zustand';

import { Button, Section } from '../../ui';
import { classes } from '../../ui';
import type { Desk } from '../desk';
import { EffectOptions } from './EffectOptions';
import { EFFECT_NAMES, hintFor } from './effectNames';
import './operations.css';
import { EFFECTS } from './settings';
import { usePreviewKeys } from './usePreviewKeys';

/** Everything that changes many voxels at once, with what it would change. */
export function OperationsPanel({ desk }: { desk: Desk }) {
  usePreviewKeys(desk.operations);
  return (
    <>
      <PreviewBar desk={desk} />
      <Section id="operations" title="Operations" open={false}>
        <Effects desk={desk} />
        <EffectOptions desk={desk} />
      </Section>
    </>
  );
}

function Effects({ desk: { operations } }: { desk: Desk }) {
  const effect = useStore(operations.store, (state) => state.settings.effect);
  return (
    <div className="effects" role="radiogroup" aria-label="Operation">
      {EFFECTS.map((name) => {
        const { title, does, icon: Icon } = EFFECT_NAMES[name];
        const hint = hintFor(name);
        return (
          <button
            key={name}
            type="button"
            role="radio"
            aria-checked={effect === name}
            className={classes('effect', effect === name && 'effect-on')}
            title={hint === '' ? does : `${does} (${hint})`}
            aria-label={title}
            onClick={() => operations.choose(name, false)}
          >
            <Icon size={15} aria-hidden="true" />
            <span>{title}</span>
            {hint !== '' && <kbd>{hint}</kbd>}
          </button>
        );
      })}
    </div>
  );
}

/** What is being worked on, would be changed, or was; it stays in sight while the section is folded. */
function PreviewBar({ desk: { operations } }: { desk: Desk }) {
  const { busy, preview, told, picking } = useStore(operations.store);
  if (busy) {
    return (
      <div className="preview-bar" data-testid="operation-busy">
        <progress value={busy.fraction > 0 ? busy.fraction : undefined} aria-label={busy.title} />
        <div className="preview-bar-row">
          <span>{busy.title} …</span>
          <Button size="small" onClick={() => operations.cancel()}>
            Cancel
          </Button>
        </div>
      </div>
    );
  }
  if (preview) {
    return (
      <div className="preview-bar" role="status" data-testid="operation-preview">
        <p>
          <strong>{preview.title}</strong>: {preview.words}
        </p>
        {picking === 'grow' && <p className="side-hint">+ and − or Ctrl+Wheel: wider or narrower.</p>}
        <div className="preview-bar-row">
          <Button size="small" kind="primary" icon={<Check size={14} />} onClick={() => operations.accept()}>
            Accept <kbd>Enter</kbd>
          </Button>
          <Button size="small" icon={<X size={14} />} onClick={() => operations.cancel()}>
            Cancel <kbd>Esc</kbd>
          </Button>
        </div>
      </div>
    );
  }
  if (picking || told) {
    return (
      <div
        className={classes('preview-bar', told?.good === false && 'preview-bar-bad')}
        role="status"
        data-testid="operation-told"
      >
        <p>{told?.words ?? PICK_WORDS[picking ?? 'fill']}</p>
      </div>
    );
  }
  return null;
}

const PICK_WORDS = {
  fill: 'Click into an enclosed region to fill it. Esc ends.',
  grow: 'Click on a lesion or a vessel. Esc ends.',
  island: 'Click on the island that is to stay. Esc ends.',
};
