/**
 * Every command of the editor with its keys as they come: one table for the keyboard, the tooltips and the overlay.
 *
 * A person may give commands other keys; `keysOf` and `hintOf` tell those that hold. A command of one `page` goes
 * before the others there. `repeats`: again and again while its key is held, as moving between slices always does.
 */
import { keymap } from './keymap';
import { printed } from './keyPress';

interface Row {
  id: string;
  group: 'Tools' | 'Edit' | 'Labels' | 'Navigate' | 'View' | 'Check' | 'Review';
  keys: readonly string[];
  title: string;
  page?: Page;
  repeats?: true;
}

/** Where a case is drawn, and where it is reviewed. */
export type Page = 'annotate' | 'review';

export const COMMANDS = [
  { id: 'brush', group: 'Tools', keys: ['b'], title: 'Brush' },
  { id: 'eraser', group: 'Tools', keys: ['e'], title: 'Eraser' },
  { id: 'threshold', group: 'Tools', keys: ['d'], title: 'Threshold brush' },
  { id: 'scissors', group: 'Tools', keys: ['x'], title: 'Scissors, then their next shape' },
  { id: 'contour', group: 'Tools', keys: ['c'], title: 'Contour, then its next kind' },
  { id: 'ball', group: 'Tools', keys: ['n'], title: 'Disc or ball' },
  { id: 'pan', group: 'Tools', keys: ['h'], title: 'Pan' },
  { id: 'zoom', group: 'Tools', keys: ['z'], title: 'Zoom' },
  { id: 'window', group: 'Tools', keys: ['w'], title: 'Window and level' },
  { id: 'crosshair', group: 'Tools', keys: ['Shift+c'], title: 'Crosshair: go where you click' },
  { id: 'smaller', group: 'Tools', keys: ['['], title: 'Smaller brush', repeats: true },
  { id: 'larger', group: 'Tools', keys: [']'], title: 'Larger brush', repeats: true },
  { id: 'grow', group: 'Edit', keys: ['k'], title: 'Grow a region from a click' },
  { id: 'fill', group: 'Edit', keys: ['f'], title: 'Fill a region with a click' },
  { id: 'interpolate', group: 'Edit', keys: ['i'], title: 'Fill between slices' },
  { id: 'copy-next', group: 'Edit', keys: ['u'], title: 'Copy the slice to the next' },
  { id: 'copy-previous', group: 'Edit', keys: ['Shift+u'], title: 'Copy the slice to the previous' },
  { id: 'smooth', group: 'Edit', keys: ['m'], title: 'Smooth the label' },
  { id: 'undo', group: 'Edit', keys: ['Ctrl+z'], title: 'Undo', repeats: true },
  { id: 'redo', group: 'Edit', keys: ['Ctrl+Shift+z', 'Ctrl+y'], title: 'Redo', repeats: true },
  { id: 'draft', group: 'Edit', keys: ['q'], title: 'The model’s draft' },
  { id: 'take-draft', group: 'Edit', keys: ['Alt+q'], title: 'Take all of the draft while it waits' },
  { id: 'take-slice', group: 'Edit', keys: ['Shift+q'], title: 'Take this slice of the draft' },
  { id: 'save', group: 'Edit', keys: ['Ctrl+s'], title: 'Save now' },
  { id: 'submit', group: 'Edit', keys: ['Ctrl+Enter'], title: 'Submit' },
  { id: 'check', group: 'Check', keys: ['Shift+Enter'], title: 'Check the drawing' },
  { id: 'next-finding', group: 'Check', keys: ['Shift+f'], title: 'Next finding' },
  { id: 'previous-finding', group: 'Check', keys: ['Alt+Shift+f'], title: 'Previous finding' },
  { id: 'label-1', group: 'Labels', keys: ['1'], title: 'Label 1' },
  { id: 'label-2', group: 'Labels', keys: ['2'], title: 'Label 2' },
  { id: 'label-3', group: 'Labels', keys: ['3'], title: 'Label 3' },
  { id: 'label-4', group: 'Labels', keys: ['4'], title: 'Label 4' },
  { id: 'label-5', group: 'Labels', keys: ['5'], title: 'Label 5' },
  { id: 'label-6', group: 'Labels', keys: ['6'], title: 'Label 6' },
  { id: 'label-7', group: 'Labels', keys: ['7'], title: 'Label 7' },
  { id: 'label-8', group: 'Labels', keys: ['8'], title: 'Label 8' },
  { id: 'label-9', group: 'Labels', keys: ['9'], title: 'Label 9' },
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
  { id: 'next-doubt', group: 'Navigate', keys: ['j'], title: 'Next doubtful slice' },
  { id: 'previous-doubt', group: 'Navigate', keys: ['Alt+j'], title: 'Previous doubtful slice' },
  { id: 'next-waiting', group: 'Navigate', keys: ['Shift+j'], title: 'Next slice still empty' },
  { id: 'previous-waiting', group: 'Navigate', keys: ['Alt+Shift+j'], title: 'Previous slice still empty' },
  { id: 'next-phase', group: 'Navigate', keys: ['p', '.'], title: 'Next phase' },
  { id: 'previous-phase', group: 'Navigate', keys: ['Shift+p', ','], title: 'Previous phase' },
  { id: 'cine', group: 'Navigate', keys: ['y'], title: 'Play the phases' },
  { id: 'zoom-in', group: 'View', keys: ['+', '='], title: 'Zoom in', repeats: true },
  { id: 'zoom-out', group: 'View', keys: ['-'], title: 'Zoom out', repeats: true },
  { id: 'reset', group: 'View', keys: ['r', ' '], title: 'Fit, and reset the window' },
  { id: 'layout', group: 'View', keys: ['t'], title: 'Next layout' },
  { id: 'largest', group: 'View', keys: ['Shift+t'], title: 'The pane under the pointer alone' },
  { id: 'lines', group: 'View', keys: ['Shift+x'], title: 'Lines of the other planes' },
  { id: 'pin-curve', group: 'View', keys: ['Shift+k'], title: 'Pin the curve to compare' },
  { id: 'window-auto', group: 'View', keys: ['a', 'Alt+2'], title: 'Automatic window' },
  { id: 'window-given', group: 'View', keys: ['Alt+1'], title: 'Window that came with the images' },
  { id: 'window-wide', group: 'View', keys: ['Alt+3'], title: 'Wide window' },
  { id: 'window-narrow', group: 'View', keys: ['Alt+4'], title: 'Narrow window' },
  { id: 'window-full', group: 'View', keys: ['Alt+5'], title: 'Full range of values' },
  { id: 'window-steady', group: 'View', keys: ['Shift+w'], title: 'One window for all phases' },
  { id: 'surfaces', group: 'View', keys: ['Shift+v'], title: 'Surfaces in 3-D' },
  { id: 'keys', group: 'View', keys: ['?'], title: 'This list of keys' },
  { id: 'approve', group: 'Review', keys: ['a'], title: 'Approve', page: 'review' },
  { id: 'return', group: 'Review', keys: ['r'], title: 'Return', page: 'review' },
] as const satisfies readonly Row[];

export type CommandId = (typeof COMMANDS)[number]['id'];

/** What a page does on each command of the table; the compiler misses one that is forgotten. */
export type AnnotateCommands = Record<Exclude<CommandId, OnlyOn<'review'>>, () => void>;

type OnlyOn<Where extends Page> = Extract<(typeof COMMANDS)[number], { page: Where }>['id'];

export const ROWS: readonly (Row & { id: CommandId })[] = COMMANDS;

/** What is done without the keyboard, for the overlay. */
export const GESTURES = [
  { group: 'Mouse', keys: ['Wheel'], title: 'Slices' },
  { group: 'Mouse', keys: ['Ctrl+Wheel'], title: 'Size of the brush' },
  { group: 'Mouse', keys: ['Shift+Wheel'], title: 'Zoom' },
  { group: 'Mouse', keys: ['Right drag'], title: 'Window and level' },
  { group: 'Mouse', keys: ['Middle drag'], title: 'Pan' },
  { group: 'Mouse', keys: ['Shift+Move'], title: 'Other planes follow' },
  { group: 'Drawing', keys: ['Shift+Drag'], title: 'Erase with the brush, paint with the eraser' },
  {
    group: 'Drawing',
    keys: ['Alt+Click'],
    title: 'Take the label there, or the range for the threshold brush',
  },
  { group: 'Drawing', keys: ['Double click', 'Enter'], title: 'Close the contour' },
  { group: 'Drawing', keys: ['Backspace'], title: 'Take the last point of the contour back' },
  { group: 'Drawing', keys: ['Esc'], title: 'Drop what is being drawn' },
  { group: 'Pen and touch', keys: ['Pen'], title: 'Draws; its other end erases' },
  { group: 'Pen and touch', keys: ['One finger'], title: 'Moves the picture, or draws where that is on' },
  { group: 'Pen and touch', keys: ['Two fingers'], title: 'Move and zoom' },
] as const;

/** The keys of a command: those that a person gave it, else those of the table. */
export function keysOf(id: CommandId): readonly string[] {
  const { changes } = keymap.getState();
  const given = changes[id];
  if (given) return given;
  const { keys, page } = rowOf(id);
  const equals = ROWS.filter((row) => row.page === page);
  return keys.filter((key) => !equals.some((row) => changes[row.id]?.includes(key)));
}

export function rowOf(id: CommandId): Row & { id: CommandId } {
  const row = ROWS.find((candidate) => candidate.id === id);
  if (!row) throw new Error(`there is no command ${id}`);
  return row;
}

/** The command that a key has on a page. */
export function commandOf(key: string, page: Page = 'annotate'): CommandId | undefined {
  const holders = ROWS.filter(({ id, page: only }) => (only ?? page) === page && keysOf(id).includes(key));
  return (holders.find(({ page: only }) => only === page) ?? holders[0])?.id;
}

/** True where the command goes on while its key is held. */
export function repeats(id: CommandId): boolean {
  const { group, repeats: held } = rowOf(id);
  return held ?? group === 'Navigate';
}

/** The first key of a command, for a tooltip; empty where it has none. */
export function hintOf(id: CommandId): string {
  return printed(keysOf(id)[0] ?? '');
}
