/** How a person likes the editor, kept in the browser from case to case. */
import type { Layout } from './deskState';

export interface Preferences {
  brushMm: number;
  opacity: number;
  /** Null until chosen: then volumes of few pixels do without, whose outlines would hide what they surround. */
  outline: boolean | null;
  fill: boolean;
  layout: Layout;
}

const KEY = 'ninefold.editor';
const DEFAULTS: Preferences = { brushMm: 8, opacity: 0.4, outline: null, fill: true, layout: 'one' };

export function readPreferences(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return { ...DEFAULTS, ...(typeof stored === 'object' ? (stored as Partial<Preferences>) : {}) };
  } catch {
    return DEFAULTS; // what is stored is not ours to read, and nothing depends on it
  }
}

export function writePreferences(change: Partial<Preferences>): void {
  localStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...change }));
}
