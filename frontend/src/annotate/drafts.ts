/** Strokes that the server has not acknowledged, kept in the browser's own database. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

import { packBundle, unpackBundle } from './bmm';
import type { Payload, Slices } from './saveStates';

type Bundle = Uint8Array<ArrayBuffer>;

interface StoredDraft {
  /** Revision from which the slices differ. */
  base: number;
  bundle: Bundle;
  /** The save that was on its way. */
  pending?: { base: number; key: string; bundle: Bundle };
  keptAt: number;
}

export interface Draft {
  /** Where it lies in the browser. */
  key: string;
  base: number;
  slices: Slices;
  /** A save that was on its way: the server may have it, or not. */
  pending: Payload | null;
  keptAt: Date;
}

/** Why the browser keeps no drafts: its storage is full, or it gives none, as some private windows do. */
export type DraftTrouble = 'full' | 'unavailable';

interface DraftSchema extends DBSchema {
  drafts: { key: string; value: StoredDraft };
}

let database: Promise<IDBPDatabase<DraftSchema>> | undefined;

/** A connection that could not be opened, or was closed by the browser, is asked for anew the next time. */
function openDrafts(): Promise<IDBPDatabase<DraftSchema>> {
  const forget = (): void => void (database = undefined);
  database ??= openDB<DraftSchema>('ninefold', 1, {
    upgrade: (db) => void db.createObjectStore('drafts'),
    terminated: forget,
  }).catch((error: unknown) => {
    forget();
    throw error;
  });
  return database;
}

/** Two people at one browser do not see each other's drafts. */
export const ownKey = (userId: number, taskId: number): string => `${userId}/${taskId}`;

export type Strokes = Pick<Draft, 'base' | 'slices' | 'pending'>;

/** Keep what is drawn now; it takes the place of what was kept by this before. */
export async function keepDraft(userId: number, taskId: number, strokes: Strokes): Promise<void> {
  await put(ownKey(userId, taskId), strokes);
}

/** Put strokes away for later, beside what is drawn from now on. */
export async function putAway(userId: number, taskId: number, strokes: Strokes): Promise<void> {
  await put(`${ownKey(userId, taskId)}/${Date.now()}`, strokes);
}

/** What is kept of a user for a task, the newest strokes first. sliceSize: pixels of a slice. */
export async function readDrafts(userId: number, taskId: number, sliceSize: number): Promise<Draft[]> {
  const own = ownKey(userId, taskId);
  const drafts = await openDrafts();
  const later = await drafts.getAllKeys('drafts', IDBKeyRange.bound(`${own}/`, `${own}/~`));
  const found = await Promise.all(
    [own, ...later.reverse()].map(async (key) => {
      const stored = await drafts.get('drafts', key);
      return stored ? read(key, stored, sliceSize) : [];
    }),
  );
  return found.flat();
}

export async function dropDraft(key: string): Promise<void> {
  await (await openDrafts()).delete('drafts', key);
}

async function put(key: string, { base, slices, pending }: Strokes): Promise<void> {
  const stored: StoredDraft = { base, bundle: packBundle(slices), keptAt: Date.now() };
  if (pending) {
    stored.pending = { base: pending.base, key: pending.key, bundle: packBundle(pending.slices) };
  }
  await (await openDrafts()).put('drafts', stored, key);
}

function read(key: string, { base, bundle, pending, keptAt }: StoredDraft, sliceSize: number): Draft {
  return {
    key,
    base,
    slices: unpackBundle(bundle, sliceSize),
    pending: pending
      ? { base: pending.base, key: pending.key, slices: unpackBundle(pending.bundle, sliceSize) }
      : null,
    keptAt: new Date(keptAt),
  };
}

/** Which trouble an error of the database is. */
export function draftTrouble(error: unknown): DraftTrouble {
  return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'unavailable';
}

/** Ask the browser not to throw drafts away when the disk gets full. Some ask the user, others decide by themselves. */
export function askToPersist(): void {
  const { storage } = navigator as { storage?: StorageManager }; // pages without HTTPS have none
  void storage?.persist().catch(() => false);
}
