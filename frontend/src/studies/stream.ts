import type { UploadFile } from './dropped';

/** A chosen file is no longer what it was: it was changed, moved or taken away since. */
export class FilesChanged extends Error {}

/** All files as one stream. Only the bytes that are asked for are read, and none are kept. */
export class FileStream {
  readonly size: number;
  readonly #files: readonly UploadFile[];
  readonly #ends: Float64Array;

  constructor(files: readonly UploadFile[]) {
    let end = 0;
    this.#files = files;
    this.#ends = Float64Array.from(files, ({ file }) => (end += file.size));
    this.size = end;
  }

  /** Files that are whole in the first `loaded` bytes. */
  filesWithin(loaded: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? Infinity) <= loaded) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Bytes from `start` to before `end`, as the upload client asks for them. Throws FilesChanged. */
  async slice(start: number, end: number): Promise<{ value: Blob; done: boolean }> {
    const stop = Math.min(end, this.size);
    try {
      // Read here: a file that is gone would look like a broken connection once the request is on its way.
      const bytes = await new Blob(this.#parts(start, stop)).arrayBuffer();
      if (bytes.byteLength !== stop - start) throw new FilesChanged();
      return { value: new Blob([bytes]), done: stop >= this.size };
    } catch {
      throw new FilesChanged('A chosen file was changed, moved or taken away.');
    }
  }

  /** Nothing is held open. */
  close(): void {
    return undefined;
  }

  #parts(start: number, stop: number): Blob[] {
    const parts: Blob[] = [];
    const first = this.filesWithin(start);
    let begin = first === 0 ? 0 : (this.#ends[first - 1] ?? 0);
    for (const { file } of this.#files.slice(first)) {
      if (begin >= stop) break;
      parts.push(file.slice(Math.max(0, start - begin), stop - begin));
      begin += file.size;
    }
    return parts;
  }
}
