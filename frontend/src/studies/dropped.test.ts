import { expect, test } from 'vitest';

import { droppedFiles, pickedFiles } from './dropped';

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

function pickOf(...paths: string[]): FileList {
  const files = paths.map((path) =>
    Object.defineProperty(new File(['x'], path.split('/').at(-1) ?? ''), 'webkitRelativePath', {
      value: path,
    }),
  );
  return files as unknown as FileList;
}

test('a dropped folder is read to the bottom, past the hundred that a reader gives at a time', async () => {
  const slices = Array.from({ length: 250 }, (_, n) => file(`/study/series/${n}.dcm`));
  const dropped = dropOf(folder('/study', [folder('/study/series', slices), file('/study/notes.txt')]));
  const counted: number[] = [];
  const { files } = await droppedFiles(dropped, (count) => counted.push(count));
  expect(files).toHaveLength(251);
  expect(files.map(({ path }) => path)).toContain('study/series/249.dcm');
  expect(counted).toEqual([1, 251]);
});

test('text that is dropped along is no file', async () => {
  expect((await droppedFiles(dropOf(null, file('/a.zip')))).files).toHaveLength(1);
});

test('an empty folder holds nothing', async () => {
  const { files, skipped } = await droppedFiles(dropOf(folder('/empty', [folder('/empty/inside', [])])));
  expect([files.length, skipped]).toEqual([0, 0]);
});

test('what file managers leave behind stays behind, and is counted', () => {
  const left = ['s/.DS_Store', 's/Thumbs.db', 's/desktop.ini', 's/._a.dcm', '__MACOSX/s/a.dcm', 's/.git/a'];
  const { files, skipped } = pickedFiles(pickOf('s/a.dcm', ...left));
  expect([files.map(({ path }) => path), skipped]).toEqual([['s/a.dcm'], left.length]);
});

test('the same folder has one order, whether it is dropped or picked', async () => {
  const paths = ['s/b', 's/a/2', 's/a/10', 's/a/1'];
  const picked = pickedFiles(pickOf(...paths));
  const inner = folder('/s/a', [file('/s/a/1'), file('/s/a/2'), file('/s/a/10')]);
  const dropped = await droppedFiles(dropOf(folder('/s', [inner, file('/s/b')])));
  const order = (files: { path: string }[]) => files.map(({ path }) => path);
  expect(order(picked.files)).toEqual(order(dropped.files));
  expect(order(picked.files)).toEqual(['s/a/1', 's/a/10', 's/a/2', 's/b']);
});
