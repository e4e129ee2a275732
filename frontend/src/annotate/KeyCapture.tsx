import { useEffect, useRef, useState } from 'react';

import { Button } from '../ui';
import { changeKeys, keymap } from './keymap';
import { pressed, printed, refusalOf } from './keyPress';
import { type CommandId, rowOf } from './keys';
import { given, holderOf } from './remap';

interface CaptureProps {
  id: CommandId;
  onDone: () => void;
}

/** Waits for the key that a command shall have; one that another command has is named first. */
export function KeyCapture({ id, onDone }: CaptureProps) {
  const field = useRef<HTMLButtonElement>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const [disputed, setDisputed] = useState<{ key: string; holder: CommandId } | null>(null);
  useEffect(() => field.current?.focus(), []);
  const take = (key: string): void => {
    changeKeys(given(keymap.getState().changes, id, key));
    onDone();
  };
  const press = (event: React.KeyboardEvent): void => {
    if (event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return onDone();
    const key = pressed(event.nativeEvent);
    if (key === '') return;
    const refusal = refusalOf(key);
    const holder = holderOf(key, id);
    setRefused(refusal);
    setDisputed(refusal === null && holder !== undefined ? { key, holder } : null);
    if (refusal === null && holder === undefined) take(key);
  };
  return (
    <div className="keys-capture">
      <dt>{rowOf(id).title}</dt>
      <dd>
        <button type="button" ref={field} className="keys-press" data-testid="press-a-key" onKeyDown={press}>
          {disputed === null ? 'Press a key' : printed(disputed.key)}
        </button>
        <Button size="small" kind="quiet" onClick={onDone}>
          Cancel
        </Button>
      </dd>
      <p role="status">
        {refused}
        {disputed !== null && (
          <>
            {printed(disputed.key)} is “{rowOf(disputed.holder).title}” now.{' '}
            <Button size="small" onClick={() => take(disputed.key)}>
              Take it anyway
            </Button>
          </>
        )}
      </p>
    </div>
  );
}
