import { expect, test } from 'vitest';

import { droppedFiles } from './dropped';

function file(fullPath: string): FileSystemEntry {
  const name = fullPath.split('/').at(-1) ?? '';
  const entry = { isFile: true, fullPath, file: (done: (file: File) => void) => done(new File(['x'], name)) };
  return entry as unknown as FileSystemEntry;
}

/** A folder whose reader, as browsers do, gives `step` entries at a time. */
function folder(fullPath: string, children: FileSystemEntry[], step = 100): FileSystemEntry {
  const createReader = () => {
    let next = 0;
    return {
      readEntries: (done: (entries: FileSystemEntry[]) => void) => {
        done(children.slice(next, next + step));
        next += step;
      },
    };
  };
  return { isFile: false, fullPath, createReader } as unknown as FileSystemEntry;
}

function dropOf(...entries: (FileSystemEntry | null)[]): DataTransfer {
  return { items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })) } as unknown as DataTransfer;
}

test('a dropped folder is read to the bottom, past the hundred that a reader gives at a time', async () => {
  const slices = Array.from({ length: 250 }, (_, n) => file(`/study/series/${n}.dcm`));
  const dropped = dropOf(folder('/study', [folder('/study/series', slices), file('/study/notes.txt')]));
  const files = await droppedFiles(dropped);
  expect(files).toHaveLength(251);
  expect(files.map(({ path }) => path)).toContain('study/series/249.dcm');
});

test('text that is dropped along is no file', async () => {
  expect(await droppedFiles(dropOf(null, file('/a.zip')))).toHaveLength(1);
});
