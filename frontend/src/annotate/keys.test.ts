import { describe, expect, it } from 'vitest';

import { commandOf, COMMANDS, hintOf, pressed, printed } from './keys';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {},
): string => pressed({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held });

describe('the table of keys', () => {
  it('gives no key to two commands', () => {
    const keys = COMMANDS.flatMap((command) => [...command.keys]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['z', { ctrlKey: true }, 'undo'],
    ['z', { metaKey: true }, 'undo'],
    ['Z', { ctrlKey: true, shiftKey: true }, 'redo'],
    ['y', { ctrlKey: true }, 'redo'],
    ['B', {}, 'brush'],
    ['P', { shiftKey: true }, 'previous-phase'],
    ['?', { shiftKey: true }, 'keys'],
    ['PageUp', {}, 'far-previous-slice'],
    [']', {}, 'larger'],
  ] as const)('understands %s with %o', (key, held, command) => {
    expect(commandOf(press(key, held))).toBe(command);
  });

  it('selects labels by their digits', () => {
    expect(commandOf(press('7'))).toEqual({ label: 7 });
    expect(commandOf(press('0'))).toBeUndefined();
    expect(commandOf(press('7', { ctrlKey: true }))).toBeUndefined();
  });

  it('prints keys as keyboards do', () => {
    expect([printed('Ctrl+Shift+z'), printed('ArrowDown'), printed('+'), hintOf('brush')]).toEqual(['Ctrl+Shift+Z', '↓', 'Plus', 'B']); // prettier-ignore
  });
});
