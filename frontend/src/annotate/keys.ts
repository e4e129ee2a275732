/** Every key of the editor: one table for the keyboard, the tooltips and the overlay of keys. */

export const COMMANDS = [
  { id: 'brush', group: 'Tools', keys: ['b'], title: 'Brush' },
  { id: 'eraser', group: 'Tools', keys: ['e'], title: 'Eraser' },
  { id: 'pan', group: 'Tools', keys: ['h'], title: 'Pan' },
  { id: 'zoom', group: 'Tools', keys: ['z'], title: 'Zoom' },
  { id: 'window', group: 'Tools', keys: ['w'], title: 'Window and level' },
  { id: 'smaller', group: 'Tools', keys: ['['], title: 'Smaller brush' },
  { id: 'larger', group: 'Tools', keys: [']'], title: 'Larger brush' },
  { id: 'undo', group: 'Edit', keys: ['Ctrl+z'], title: 'Undo' },
  { id: 'redo', group: 'Edit', keys: ['Ctrl+Shift+z', 'Ctrl+y'], title: 'Redo' },
  { id: 'save', group: 'Edit', keys: ['Ctrl+s'], title: 'Save now' },
  { id: 'submit', group: 'Edit', keys: ['Ctrl+Enter'], title: 'Submit' },
  { id: 'lock', group: 'Labels', keys: ['l'], title: 'Lock or free the label' },
  { id: 'visible', group: 'Labels', keys: ['v'], title: 'Hide or show the label' },
  { id: 'solo', group: 'Labels', keys: ['s'], title: 'Show the label alone' },
  { id: 'overlay', group: 'Labels', keys: ['g'], title: 'Hide or show all labels' },
  { id: 'outline', group: 'Labels', keys: ['o'], title: 'Outline, filling or both' },
  { id: 'next-slice', group: 'Navigate', keys: ['ArrowDown', 'ArrowRight'], title: 'Next slice' },
  { id: 'previous-slice', group: 'Navigate', keys: ['ArrowUp', 'ArrowLeft'], title: 'Previous slice' },
  { id: 'far-next-slice', group: 'Navigate', keys: ['PageDown'], title: 'Ten slices on' },
  { id: 'far-previous-slice', group: 'Navigate', keys: ['PageUp'], title: 'Ten slices back' },
  { id: 'first-slice', group: 'Navigate', keys: ['Home'], title: 'First slice' },
  { id: 'last-slice', group: 'Navigate', keys: ['End'], title: 'Last slice' },
  { id: 'next-phase', group: 'Navigate', keys: ['p', '.'], title: 'Next phase' },
  { id: 'previous-phase', group: 'Navigate', keys: ['Shift+p', ','], title: 'Previous phase' },
  { id: 'zoom-in', group: 'View', keys: ['+', '='], title: 'Zoom in' },
  { id: 'zoom-out', group: 'View', keys: ['-'], title: 'Zoom out' },
  { id: 'reset', group: 'View', keys: ['r', ' '], title: 'Fit, and reset the window' },
  { id: 'layout', group: 'View', keys: ['t'], title: 'One plane or three' },
  { id: 'keys', group: 'View', keys: ['?'], title: 'This list of keys' },
] as const satisfies readonly { id: string; group: string; keys: readonly string[]; title: string }[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** The mouse, for the overlay. */
export const GESTURES = [
  { keys: 'Wheel', title: 'Slices' },
  { keys: 'Ctrl+Wheel', title: 'Size of the brush' },
  { keys: 'Shift+Wheel', title: 'Zoom' },
  { keys: 'Right drag', title: 'Window and level' },
  { keys: 'Middle drag', title: 'Pan' },
  { keys: 'Shift+Move', title: 'Other planes follow' },
] as const;

/** The key press as it stands in the table: `Ctrl+Shift+z`, `ArrowDown`, `?`. Command on a Mac counts as Ctrl. */
export function pressed(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>,
): string {
  const isLetter = /^[a-z]$/i.test(event.key);
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl+' : '',
    event.altKey ? 'Alt+' : '',
    event.shiftKey && (isLetter || event.key.length > 1) ? 'Shift+' : '',
    isLetter ? event.key.toLowerCase() : event.key,
  ].join('');
}

const BY_KEY = new Map<string, CommandId>(
  COMMANDS.flatMap(({ id, keys }) => keys.map((key) => [key, id] as const)),
);

/** The command of a key press, or the label that a digit selects. */
export function commandOf(key: string): CommandId | { label: number } | undefined {
  return /^[1-9]$/.test(key) ? { label: Number(key) } : BY_KEY.get(key);
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

/** The first key of a command, for a tooltip. */
export function hintOf(id: CommandId): string {
  return printed(COMMANDS.find((command) => command.id === id)?.keys[0] ?? '');
}
