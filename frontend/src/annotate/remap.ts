/** Giving a command another key, as values: what changes, and who loses the key. */
import type { KeyChanges } from './keymap';
import { type CommandId, keysOf, type Page, ROWS, rowOf } from './keys';

/** The command that has a key already, on the page where this one is used. */
export function holderOf(key: string, id: CommandId): CommandId | undefined {
  const page = rowOf(id).page;
  return ROWS.find((row) => row.id !== id && meet(row.page, page) && keysOf(row.id).includes(key))?.id;
}

/** Commands of one page go before those of all pages, so that only equals dispute a key. */
function meet(one: Page | undefined, other: Page | undefined): boolean {
  return one === other;
}

/** The keys when a command gets one key instead of its own; a command that loses its last key gets the former one. */
export function given(changes: KeyChanges, id: CommandId, key: string): KeyChanges {
  const next: Record<string, readonly string[]> = { ...changes, [id]: [key] };
  const holder = holderOf(key, id);
  if (holder !== undefined) {
    const left = keysOf(holder).filter((other) => other !== key);
    const former = keysOf(id).slice(0, 1);
    next[holder] = left.length > 0 ? left : former;
  }
  return tidied(next);
}

/** The keys when a command has those of the table again; they are taken back from whoever has them now. */
export function restored(changes: KeyChanges, id: CommandId): KeyChanges {
  const { [id]: gone, ...rest } = changes;
  if (!gone) return changes;
  const own = new Set(rowOf(id).keys);
  const next = Object.entries(rest).map(
    ([other, keys]) => [other, keys.filter((key) => !own.has(key))] as const,
  );
  return tidied(
    Object.fromEntries(next.map(([other, keys]) => [other, keys.length > 0 ? keys : (rowKeys(other) ?? [])])),
  );
}

const rowKeys = (id: string): readonly string[] | undefined => ROWS.find((row) => row.id === id)?.keys;

/** Without commands that the table does not know, and without those that have the keys of the table. */
function tidied(changes: Record<string, readonly string[]>): KeyChanges {
  return Object.fromEntries(
    Object.entries(changes).filter(([id, keys]) => {
      const own = rowKeys(id);
      return own !== undefined && (own.length !== keys.length || own.some((key, n) => key !== keys[n]));
    }),
  );
}
