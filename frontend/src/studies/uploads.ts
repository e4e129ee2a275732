import { create } from 'zustand';

import { explain } from '../api';
import type { ImportRun } from '../api';
import type { UploadFile } from './dropped';
import { filesSent, secondsLeft, sendFiles } from './sending';

export interface Upload {
  id: number;
  slug: string;
  name: string;
  files: number;
  filesDone: number;
  loaded: number;
  total: number;
  secondsLeft: number | null;
  state: 'sending' | 'sent' | 'failed' | 'cancelled';
  problem: { title: string; advice: string } | null;
  cancel: () => void;
}

interface UploadStore {
  uploads: Upload[];
  start: (
    slug: string,
    files: readonly UploadFile[],
    partition: string,
    onSent: (run: ImportRun) => void,
  ) => void;
  drop: (id: number) => void;
}

let lastId = 0;

/** What a person calls the things they chose: the folder, the file, or how many. */
export function nameOf(files: readonly UploadFile[]): string {
  const [first] = files;
  if (first === undefined) return 'nothing';
  if (files.length === 1) return first.path;
  const folders = new Set(files.map(({ path }) => (path.includes('/') ? path.split('/')[0] : '')));
  const [folder] = folders;
  return folders.size === 1 && folder !== undefined && folder !== '' ? folder : `${files.length} files`;
}

/** Uploads under way; they go on while other pages are open. */
export const useUploads = create<UploadStore>()((set) => {
  const change = (id: number, part: Partial<Upload>) =>
    set(({ uploads }) => ({ uploads: uploads.map((one) => (one.id === id ? { ...one, ...part } : one)) }));
  return {
    uploads: [],
    drop: (id) => set(({ uploads }) => ({ uploads: uploads.filter((one) => one.id !== id) })),
    start: (slug, files, partition, onSent) => {
      lastId += 1;
      const id = lastId;
      const stop = new AbortController();
      const sizes = files.map(({ file }) => file.size);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const began = performance.now();
      const upload: Upload = {
        ...{ id, slug, name: nameOf(files), files: files.length, filesDone: 0, loaded: 0, total },
        ...{ secondsLeft: null, state: 'sending', problem: null, cancel: () => stop.abort() },
      };
      set(({ uploads }) => ({ uploads: [upload, ...uploads] }));
      const onProgress = (sent: number, whole: number) => {
        // The form's own lines are counted too; the share sent is what holds for the files.
        const loaded = whole === 0 ? 0 : (sent / whole) * total;
        const left = secondsLeft((performance.now() - began) / 1000, loaded, total);
        change(id, { loaded, filesDone: filesSent(sizes, loaded), secondsLeft: left });
      };
      sendFiles({ slug, files, partition, onProgress, signal: stop.signal }).then(
        (run) => {
          change(id, { state: 'sent', loaded: total, filesDone: files.length, secondsLeft: null });
          onSent(run);
        },
        (error: unknown) => {
          if (stop.signal.aborted) change(id, { state: 'cancelled' });
          else change(id, { state: 'failed', problem: explain(error) });
        },
      );
    },
  };
});
