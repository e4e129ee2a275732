/** Colours that a person has given to labels, for themselves, kept in the browser. */
import type { LabelStyle } from '../viewer';
import { readPreferences, writePreferences } from './preferences';

/** Colours from which one is picked, told apart also by people who see colours otherwise. */
export const PALETTE = [
  '#ffe119',
  '#f58231',
  '#e6194b',
  '#f032e6',
  '#911eb4',
  '#4363d8',
  '#42d4f4',
  '#469990',
  '#3cb44b',
  '#bfef45',
  '#9a6324',
  '#ffffff',
] as const;

/** The labels in the colours of this person. */
export function coloured(labels: readonly LabelStyle[]): LabelStyle[] {
  const { colours } = readPreferences();
  return labels.map((label) => ({ ...label, colour: colours[label.name] ?? label.colour }));
}

/** Keep a colour for a label; null gives back the one that it came with. */
export function keepColour(name: string, colour: string | null): void {
  const others = Object.entries(readPreferences().colours).filter(([label]) => label !== name);
  const colours = Object.fromEntries(colour === null ? others : [...others, [name, colour]]);
  writePreferences({ colours });
}
