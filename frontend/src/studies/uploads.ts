import { create } from 'zustand';

import { onSessionRestored } from '../api';
import { Carrying, NOTHING_CARRIED } from './carrying';
import type { Carried, UploadState } from './carrying';
import type { Chosen, UploadFile } from './dropped';

/** An upload of this page. */
export interface Upload extends Carried {
  id: number;
  slug: string;
  name: string;
  files: number;
  /** Hidden files that were left out. */
  skipped: number;
  total: number;
}

interface UploadStore {
  uploads: Upload[];
  start: (slug: string, chosen: Chosen, partition: string, onChanged: () => void) => void;
  pause: (id: number) => void;
  goOn: (id: number) => void;
  cancel: (id: number) => void;
  drop: (id: number) => void;
}

const UNDER_WAY = new Set<UploadState>(['listing', 'sending', 'waiting', 'paused', 'signed-out']);

const GOING = new Set<UploadState>(['listing', 'sending', 'sent', 'cancelled']);

/** What works behind the uploads; kept out of the store, which holds what is shown. */
const carriers = new Map<number, Carrying>();
let lastId = 0;

/** True while closing the page would break an upload off. */
export function isUnderWay({ state }: Upload): boolean {
  return UNDER_WAY.has(state);
}

/** True while it can go on here: choosing the same again is no second upload. */
export function isOpen(upload: Upload): boolean {
  return isUnderWay(upload) || upload.state === 'stopped';
}

/** What a person calls the things they chose: the folder, the file, or how many. */
export function nameOf(files: readonly UploadFile[]): string {
  const [first] = files;
  if (first === undefined) return 'nothing';
  if (files.length === 1) return first.path;
  const folders = new Set(files.map(({ path }) => (path.includes('/') ? path.split('/')[0] : '')));
  const [folder] = folders;
  return folders.size === 1 && folder !== undefined && folder !== '' ? folder : `${files.length} files`;
}

/** Uploads of this page; they go on while other places of the application are open. */
export const useUploads = create<UploadStore>()((set, get) => ({
  uploads: [],
  start: (slug, chosen, partition, onChanged) => {
    const name = nameOf(chosen.files);
    const total = chosen.files.reduce((sum, { file }) => sum + file.size, 0);
    const same = get().uploads.find(
      (one) => one.slug === slug && one.name === name && one.total === total && isOpen(one),
    );
    if (same !== undefined) {
      get().goOn(same.id);
      return;
    }
    lastId += 1;
    const id = lastId;
    const tell = (part: Partial<Carried>) =>
      set(({ uploads }) => ({ uploads: uploads.map((one) => (one.id === id ? { ...one, ...part } : one)) }));
    const carrying = new Carrying({ slug, chosen, partition, tell, onChanged });
    const { files, skipped } = chosen;
    const known = {
      id,
      slug,
      name: nameOf(files),
      files: files.length,
      skipped,
      total: carrying.stream.size,
    };
    carriers.set(id, carrying);
    set(({ uploads }) => ({ uploads: [{ ...NOTHING_CARRIED, ...known }, ...uploads] }));
    void carrying.start();
  },
  pause: (id) => carriers.get(id)?.pause(),
  goOn: (id) => {
    const carrying = carriers.get(id);
    if (carrying !== undefined && !GOING.has(carrying.state)) void carrying.start();
  },
  cancel: (id) => void carriers.get(id)?.cancel(),
  drop: (id) => {
    carriers.delete(id);
    set(({ uploads }) => ({ uploads: uploads.filter((one) => one.id !== id) }));
  },
}));

function inState(state: UploadState): Carrying[] {
  return [...carriers.values()].filter((carrying) => carrying.state === state);
}

onSessionRestored(() => inState('signed-out').forEach((carrying) => void carrying.startSignedIn()));
window.addEventListener('online', () => inState('waiting').forEach((carrying) => void carrying.start()));
window.addEventListener('beforeunload', (event) => {
  if (useUploads.getState().uploads.some(isUnderWay)) event.preventDefault();
});
