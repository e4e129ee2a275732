// @vitest-environment node
import { expect, test } from 'vitest';

import { FilesChanged, FileStream } from './stream';

const CONTENTS = ['', 'abc', '', '', 'defgh', 'i', ''];
const WHOLE = CONTENTS.join('');

function streamOf(contents: readonly string[]): FileStream {
  return new FileStream(contents.map((text, n) => ({ path: String(n), file: new File([text], String(n)) })));
}

test('every slice holds the bytes of the files one after the other', async () => {
  const stream = streamOf(CONTENTS);
  expect(stream.size).toBe(WHOLE.length);
  for (let start = 0; start < WHOLE.length; start += 1) {
    for (let end = start + 1; end <= WHOLE.length + 2; end += 1) {
      const { value, done } = await stream.slice(start, end);
      expect(await value.text()).toBe(WHOLE.slice(start, end));
      expect(done).toBe(end >= WHOLE.length);
    }
  }
});

test('a file counts as there with its last byte, an empty one with what is before it', () => {
  const stream = streamOf(['ab', '', 'cd']);
  expect([0, 1, 2, 3, 4, 9].map((loaded) => stream.filesWithin(loaded))).toEqual([0, 0, 2, 2, 3, 3]);
});

test('fifty thousand files are sliced without a look at each of their bytes', async () => {
  const stream = streamOf(Array.from({ length: 50_000 }, (_, n) => String(n % 10)));
  const { value } = await stream.slice(31_415, 31_420);
  expect(await value.text()).toBe('56789');
});

test('a file that was taken away since is told from a broken connection', async () => {
  const gone = new File(['abc'], 'gone');
  gone.slice = () => ({ size: 3 }) as Blob; // what a browser keeps of a file that is no longer there
  const stream = new FileStream([{ path: 'gone', file: gone }]);
  await expect(stream.slice(0, 3)).rejects.toBeInstanceOf(FilesChanged);
});
