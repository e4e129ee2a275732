import { useEffect, useEffectEvent } from 'react';

import type { CommandId } from './keys';
import { commandOf, pressed } from './keys';

export type Commands = Partial<Record<CommandId, () => void>>;

/** Runs the commands of the table while no field or dialog has the focus; digits select labels. */
export function useEditorKeys(commands: Commands, selectLabel: (label: number) => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const command = commandOf(pressed(event));
    if (command === undefined || belongsToControl(event)) return;
    const act = typeof command === 'string' ? commands[command] : () => selectLabel(command.label);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => press(event);
    window.addEventListener('keydown', listener, { capture: true });
    return () => window.removeEventListener('keydown', listener, { capture: true });
  }, []);
}

/** True where a key press is text, moves a control, or presses the button that has the focus. */
function belongsToControl(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null)
    return true;
  const field = target.closest('input');
  if (field) return field.type !== 'range' || /^(Arrow|Page|Home|End)/.test(event.key);
  return (event.key === 'Enter' || event.key === ' ') && target.closest('a, button') !== null;
}
