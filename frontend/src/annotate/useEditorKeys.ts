import { useEffect, useEffectEvent } from 'react';

import { pressed } from './keyPress';
import { type CommandId, commandOf, type Page, repeats, ROWS } from './keys';

export type Commands = Partial<Record<CommandId, () => void>>;

/** The commands that do something, in the order of the table. */
export function idsOf(commands: Commands): ReadonlySet<CommandId> {
  return new Set(ROWS.map(({ id }) => id).filter((id) => commands[id]));
}

/** Runs the commands of the table while no field or dialog has the focus. */
export function useEditorKeys(commands: Commands, page: Page = 'annotate'): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.isComposing) return;
    const command = commandOf(pressed(event), page);
    if (command === undefined || belongsToControl(event)) return;
    const act = commands[command];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || repeats(command)) act();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => press(event);
    window.addEventListener('keydown', listener, { capture: true });
    return () => window.removeEventListener('keydown', listener, { capture: true });
  }, []);
}

const MOVES = /^(Arrow|Page|Home|End)/;
const PRESSES = new Set(['Enter', ' ']);
const WITHOUT_TEXT = new Set(['range', 'checkbox', 'radio', 'button', 'color', 'file']);

/** True where a key press is text, moves a control, or presses the one that has the focus. */
function belongsToControl({ target, key, ctrlKey, shiftKey }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null)
    return true;
  const field = target.closest('input');
  if (field && !WITHOUT_TEXT.has(field.type)) return true;
  const moves = 'input, [role="slider"], [role="tab"], [role="radio"], [role="listbox"], [role="combobox"]';
  if (MOVES.test(key)) return target.closest(moves) !== null;
  return PRESSES.has(key) && !ctrlKey && !shiftKey && target.closest('a, button, summary, input') !== null;
}
