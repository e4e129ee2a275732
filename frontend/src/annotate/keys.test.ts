import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { changeKeys, keymap, openKeymap, readChanges } from './keymap';
import { type KeyPress, pressed, printed, refusalOf } from './keyPress';
import { commandOf, COMMANDS, hintOf, keysOf, type Page, ROWS } from './keys';
import { given, holderOf, restored } from './remap';

const press = (key: string, rest: Partial<KeyPress> = {}): string =>
  pressed({ key, code: '', ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...rest });

const keysOn = (page: Page | undefined): string[] =>
  ROWS.filter((row) => row.page === page).flatMap(({ keys }) => [...keys]);

beforeEach(() => {
  localStorage.clear();
  keymap.setState({ user: null, changes: {} });
});

afterEach(() => localStorage.clear());

describe('the table of keys', () => {
  it.each([undefined, 'annotate', 'review'] as const)('gives no key to two commands (%s)', (page) => {
    const keys = keysOn(page);
    expect(keys.filter((key, n) => keys.indexOf(key) !== n)).toEqual([]);
  });

  it('names every command once, and each key as a keyboard gives it', () => {
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
    for (const { keys } of COMMANDS)
      for (const key of keys) expect([key, refusalOf(key)]).toEqual([key, null]);
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
    ['7', {}, 'label-7'],
  ] as const)('understands %s with %o', (key, held, command) => {
    expect(commandOf(press(key, held))).toBe(command);
  });

  it('lets the keys of a page go before those of all pages', () => {
    expect([commandOf('r', 'review'), commandOf('r'), commandOf(' ', 'review')]).toEqual(['return', 'reset', 'reset']); // prettier-ignore
  });

  it('prints keys as keyboards do', () => {
    expect([printed('Ctrl+Shift+z'), printed('ArrowDown'), printed('+'), hintOf('brush')]).toEqual(['Ctrl+Shift+Z', '↓', 'Plus', 'B']); // prettier-ignore
  });
});

describe('a key press', () => {
  it.each([
    ['a Russian keyboard', 'и', { code: 'KeyB' }, 'b'],
    ['a Greek keyboard with Ctrl', 'ζ', { code: 'KeyZ', ctrlKey: true }, 'Ctrl+z'],
    ['a Russian bracket', 'х', { code: 'BracketLeft' }, '['],
    ['a French row of digits', '&', { code: 'Digit1' }, '1'],
    ['a French row of digits, shifted', '1', { code: 'Digit1', shiftKey: true }, '1'],
    ['a French z, where an English keyboard has w', 'z', { code: 'KeyW' }, 'z'],
    ['a German bracket behind AltGr', '[', { code: 'Digit8', ctrlKey: true, altKey: true, getModifierState: () => true }, '['], // prettier-ignore
    ['a Mac with Option', '∫', { code: 'KeyB', altKey: true }, 'Alt+b'],
    ['a dead key of a Mac', 'Dead', { code: 'KeyN', altKey: true }, 'Alt+n'],
    ['the numeric pad', '5', { code: 'Numpad5' }, '5'],
    ['the numeric pad without its lock', 'ArrowUp', { code: 'Numpad8' }, 'ArrowUp'],
    ['capitals without Shift', 'B', { code: 'KeyB' }, 'b'],
    ['the space bar with Shift', ' ', { code: 'Space', shiftKey: true }, 'Shift+ '],
    ['Shift alone', 'Shift', { code: 'ShiftLeft', shiftKey: true }, ''],
  ] as const)('is known on %s', (_, key, rest, name) => {
    expect(press(key, rest)).toBe(name);
  });

  it('of the browser is refused, as is one that moves between controls', () => {
    const refused = ['Ctrl+w', 'Ctrl+t', 'Tab', 'Escape', 'Enter'].map(refusalOf);
    expect(refused.every((words) => words !== null)).toBe(true);
    expect(refusalOf('Ctrl+Enter')).toBeNull();
  });
});

describe('changing keys', () => {
  it('gives a free key, and the old one does nothing more', () => {
    changeKeys(given({}, 'brush', 'F2'));
    expect([commandOf('F2'), commandOf('b'), hintOf('brush')]).toEqual(['brush', undefined, 'F2']);
  });

  it('names who has a key, and swaps where that one has no other', () => {
    expect(holderOf('e', 'brush')).toBe('eraser');
    changeKeys(given({}, 'brush', 'e'));
    expect([commandOf('e'), commandOf('b')]).toEqual(['brush', 'eraser']);
  });

  it('leaves the other its second key', () => {
    changeKeys(given({}, 'brush', 'p'));
    expect([commandOf('p'), keysOf('next-phase')]).toEqual(['brush', ['.']]);
  });

  it('takes one back, and with it the key that another had got', () => {
    const swapped = given({}, 'brush', 'e');
    changeKeys(restored(swapped, 'brush'));
    expect([commandOf('b'), commandOf('e'), keymap.getState().changes]).toEqual(['brush', 'eraser', {}]);
  });

  it('is kept for each person', () => {
    openKeymap(1);
    changeKeys(given({}, 'brush', 'F2'));
    openKeymap(2);
    expect(commandOf('b')).toBe('brush');
    openKeymap(1);
    expect(commandOf('F2')).toBe('brush');
  });

  it('reads no nonsense', () => {
    expect([readChanges('x'), readChanges({ brush: 'b', eraser: [1], pan: ['F2'] })]).toEqual([{}, { pan: ['F2'] }]); // prettier-ignore
  });

  it('lets a key that was chosen go before one that the table gives later', () => {
    changeKeys({ solo: ['b'] });
    expect([commandOf('b'), keysOf('brush')]).toEqual(['solo', []]);
  });
});
