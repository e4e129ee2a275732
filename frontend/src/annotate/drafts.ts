/** Strokes that the server has not acknowledged, kept in the browser's own database. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

import type { Slices } from './autosave';
import { packBundle, unpackBundle } from './bmm';

interface StoredDraft {
  /** Revision from which the slices differ. */
  base: number;
  bundle: Uint8Array<ArrayBuffer>;
  keptAt: number;
}

export interface Draft {
  base: number;
  slices: Slices;
  keptAt: Date;
}

interface DraftSchema extends DBSchema {
  drafts: { key: string; value: StoredDraft };
}

let database: Promise<IDBPDatabase<DraftSchema>> | undefined;

function openDrafts(): Promise<IDBPDatabase<DraftSchema>> {
  database ??= openDB<DraftSchema>('ninefold', 1, { upgrade: (db) => void db.createObjectStore('drafts') });
  return database;
}

/** Two people at one browser do not see each other's drafts. */
const keyOf = (userId: number, taskId: number): string => `${userId}/${taskId}`;

export async function keepDraft(userId: number, taskId: number, base: number, slices: Slices): Promise<void> {
  const draft: StoredDraft = { base, bundle: packBundle(slices), keptAt: Date.now() };
  await (await openDrafts()).put('drafts', draft, keyOf(userId, taskId));
}

/** The draft of a user for a task, or null. sliceSize: pixels of a slice. */
export async function readDraft(userId: number, taskId: number, sliceSize: number): Promise<Draft | null> {
  const stored = await (await openDrafts()).get('drafts', keyOf(userId, taskId));
  if (!stored) return null;
  return {
    base: stored.base,
    slices: unpackBundle(stored.bundle, sliceSize),
    keptAt: new Date(stored.keptAt),
  };
}

export async function dropDraft(userId: number, taskId: number): Promise<void> {
  await (await openDrafts()).delete('drafts', keyOf(userId, taskId));
}
