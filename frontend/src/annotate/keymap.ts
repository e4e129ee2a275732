/** Keys that a person gave to commands, kept in the browser under the person's number. */
import { createStore } from 'zustand/vanilla';

/** Keys by the id of a command; commands that are not named have the keys of the table. */
export type KeyChanges = Readonly<Record<string, readonly string[]>>;

interface Keymap {
  user: number | null;
  changes: KeyChanges;
}

export const keymap = createStore<Keymap>(() => ({ user: null, changes: {} }));

const placeOf = (user: number): string => `ninefold.keys.${user}`;

/** Take up the keys of the person who is signed in. */
export function openKeymap(user: number): void {
  if (keymap.getState().user !== user) keymap.setState({ user, changes: readStored(user) });
}

export function changeKeys(changes: KeyChanges): void {
  const { user } = keymap.getState();
  keymap.setState({ changes });
  if (user !== null) localStorage.setItem(placeOf(user), JSON.stringify(changes));
}

/** Changes out of anything that was parsed: what is no list of keys is left out. */
export function readChanges(parsed: unknown): KeyChanges {
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed).filter(
      (entry): entry is [string, string[]] =>
        Array.isArray(entry[1]) && entry[1].every((key) => typeof key === 'string' && key.length < 40),
    ),
  );
}

function readStored(user: number): KeyChanges {
  try {
    return readChanges(JSON.parse(localStorage.getItem(placeOf(user)) ?? '{}'));
  } catch {
    return {}; // what is stored is not ours to read, and the table has keys for everything
  }
}
