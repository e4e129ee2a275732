import { expect, test } from 'vitest';

import { filesSent, secondsLeft } from './sending';
import { nameOf } from './uploads';

const named = (...paths: string[]) => paths.map((path) => ({ path, file: new File([], 'x') }));

test('a file counts as sent when its last byte has left', () => {
  expect([0, 9, 10, 29, 30, 36].map((loaded) => filesSent([10, 20, 6], loaded))).toEqual([0, 0, 1, 1, 2, 3]);
});

test('an empty file is sent with the one before it', () => {
  expect(filesSent([10, 0, 5], 10)).toBe(2);
});

test('the time left follows from the pace so far', () => {
  expect(secondsLeft(10, 25, 100)).toBe(30);
  expect(secondsLeft(0.2, 25, 100)).toBeNull();
  expect(secondsLeft(10, 0, 100)).toBeNull();
});

test('an upload is named by its folder, its one file, or how many there are', () => {
  expect(nameOf(named('study/a.dcm', 'study/b/c.dcm'))).toBe('study');
  expect(nameOf(named('batch.zip'))).toBe('batch.zip');
  expect(nameOf(named('a.dcm', 'b.dcm'))).toBe('2 files');
  expect(nameOf(named('one/a.dcm', 'two/b.dcm'))).toBe('2 files');
});
