export interface UploadFile {
  file: File;
  /** Path inside the chosen folder. */
  path: string;
}

/** What a person chose, in one order whichever way it was chosen, so that the same folder is known again. */
export interface Chosen {
  files: UploadFile[];
  /** Hidden files and those that file managers leave behind, which stay where they are. */
  skipped: number;
}

const LEFT_BEHIND = new Set(['thumbs.db', 'desktop.ini', '__macosx']);

function isLeftOut(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || LEFT_BEHIND.has(part.toLowerCase()));
}

function chosen(all: UploadFile[]): Chosen {
  const files = all.filter(({ path }) => !isLeftOut(path));
  files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { files, skipped: all.length - files.length };
}

/** Files picked in a dialog, with their paths where a folder was picked. */
export function pickedFiles(list: FileList | null): Chosen {
  return chosen(Array.from(list ?? [], (file) => ({ file, path: file.webkitRelativePath || file.name })));
}

/** Files and folders dropped on the page, folders read to the bottom. `onFound` hears how many there are so far. */
export async function droppedFiles(
  transfer: DataTransfer,
  onFound: (count: number) => void = () => undefined,
): Promise<Chosen> {
  // The list of items is emptied when the event ends, so the entries are taken out before anything is awaited.
  const waiting = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter(
    (entry) => entry !== null,
  );
  const found: UploadFile[] = [];
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (isFile(entry)) {
      found.push(await fileOf(entry));
      continue;
    }
    const children = await readAll((entry as FileSystemDirectoryEntry).createReader());
    waiting.push(...children.filter((child) => !isFile(child)));
    found.push(...(await Promise.all(children.filter(isFile).map(fileOf))));
    onFound(found.length);
  }
  return chosen(found);
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

async function fileOf(entry: FileSystemFileEntry): Promise<UploadFile> {
  const file = await new Promise<File>((done, fail) => entry.file(done, fail));
  return { file, path: entry.fullPath.replace(/^\//, '') };
}

/** A reader gives a hundred entries at a time, and none at the end. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return all;
    all.push(...some);
  }
}
