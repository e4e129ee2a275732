/** How a person likes the editor, kept in the browser from case to case. */
import { type Layout, LAYOUTS } from './layouts';
import type { KeptOptions } from './drawing/options';

export interface Preferences {
  brushMm: number;
  opacity: number;
  /** Null until chosen: then volumes of few pixels do without, whose outlines would hide what they surround. */
  outline: boolean | null;
  fill: boolean;
  layout: Layout;
  /** Whether the other planes are drawn as lines. */
  lines: boolean;
  cinePerSecond: number;
  /** Colours that a person gave to labels, by the label's name. */
  colours: Readonly<Record<string, string>>;
  drawing: Partial<KeptOptions>;
}

const KEY = 'ninefold.editor';
const DEFAULTS: Preferences = {
  brushMm: 8,
  opacity: 0.4,
  outline: null,
  fill: true,
  layout: 'one',
  lines: true,
  cinePerSecond: 4,
  colours: {},
  drawing: {},
};

export function readPreferences(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const read = { ...DEFAULTS, ...(typeof stored === 'object' ? (stored as Partial<Preferences>) : {}) };
    return LAYOUTS.includes(read.layout) ? read : { ...read, layout: DEFAULTS.layout };
  } catch {
    return DEFAULTS; // what is stored is not ours to read, and nothing depends on it
  }
}

export function writePreferences(change: Partial<Preferences>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...change }));
}
