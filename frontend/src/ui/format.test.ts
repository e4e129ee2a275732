import { expect, test } from 'vitest';

import { ago, bytes, duration, plural } from './format';

test('a duration is told in the largest unit that still means something', () => {
  expect([0, 59, 89, 90, 3599, 3600, 3660, 7199, 86_400, 259_200].map(duration)).toEqual([
    '0 s',
    '59 s',
    '89 s',
    '2 min',
    '60 min',
    '1 h 00 min',
    '1 h 01 min',
    '2 h 00 min',
    '24 h 00 min',
    '3 days',
  ]);
});

test('the past is told against now, and by its date when it is long ago', () => {
  const now = new Date('2026-03-10T12:00:00Z');
  const times = [
    '2026-03-10T11:59:30Z',
    '2026-03-10T11:58:00Z',
    '2026-03-10T09:00:00Z',
    '2026-03-09T02:00:00Z',
  ];
  expect(times.map((iso) => ago(iso, now))).toEqual(['just now', '2 min ago', '3 h ago', 'yesterday']);
  expect(ago('2026-03-01T12:00:00Z', now)).toBe('1 Mar 2026');
});

test('bytes keep three figures in decimal units', () => {
  expect([0, 999, 1000, 12_345, 999_500, 148_230_144, 5e12].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 kB',
    '1.00 MB',
    '148 MB',
    '5.00 TB',
  ]);
});

test('a count agrees with its noun', () => {
  expect([plural(1, 'case'), plural(0, 'case'), plural(2, 'study', 'studies'), plural(1200, 'file')]).toEqual(
    ['1 case', '0 cases', '2 studies', '1,200 files'],
  );
});
