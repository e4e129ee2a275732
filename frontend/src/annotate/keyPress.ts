/** Key presses by name, the same on every keyboard layout: `Ctrl+Shift+z`, `ArrowDown`, `?`. */

export type KeyPress = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'> &
  Partial<Pick<KeyboardEvent, 'getModifierState'>>;

/** What a key without letters of its own has on a layout with Latin ones. */
const BY_CODE: Record<string, string> = {
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Minus: '-',
  Equal: '=',
};
const MODIFIERS = new Set([
  'Control',
  'Shift',
  'Alt',
  'AltGraph',
  'Meta',
  'CapsLock',
  'NumLock',
  'Dead',
  'Process',
]);

/** The name of a key press, empty for a modifier alone. Command on a Mac counts as Ctrl. */
export function pressed(event: KeyPress): string {
  if (event.getModifierState?.('AltGraph') === true) return event.key; // it makes a character, and says Ctrl and Alt
  const key = digitOf(event) ?? keyOf(event);
  if (MODIFIERS.has(key)) return '';
  const shifts = /^[a-z ]$/.test(key) || key.length > 1;
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    event.shiftKey && shifts ? 'Shift+' : '',
    key,
  ].join('');
}

/** The digit on a key, also in the French row that writes signs without Shift. */
function digitOf({ key, code, shiftKey }: KeyPress): string | undefined {
  const writes = key.length === 1 || key === 'Dead';
  return writes && !shiftKey ? /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1] : undefined;
}

/** The letter that is printed on the key; where that is no Latin one, the one that stands there on a Latin layout. */
function keyOf({ key, code }: KeyPress): string {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  if (key !== 'Dead' && (key.length > 1 || key < '\u0080')) return key;
  return /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase() ?? BY_CODE[code] ?? key;
}

const NAMES: Record<string, string> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  ' ': 'Space',
  '+': 'Plus',
};

/** A key as it is printed: `Ctrl+Z`, `↓`. */
export function printed(key: string): string {
  return key
    .split(/\+(?!$)/)
    .map((part) => NAMES[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join('+');
}

/** Why a key cannot be given to a command, or null where it can. */
export function refusalOf(key: string): string | null {
  if (RESERVED.test(key)) return `${printed(key)} belongs to the browser. Press another key.`;
  return /^(Escape|Enter|(Shift\+)?Tab)$/.test(key)
    ? `${printed(key)} moves between controls and closes what is open. Press another key.`
    : null;
}

const RESERVED = /^(Ctrl\+(Shift\+)?[tnwqr]|Ctrl\+Tab|Alt\+(F4|ArrowLeft|ArrowRight)|F(5|11|12))$/;
