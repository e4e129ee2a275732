import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

import { storedGzip } from './lastSave';

it.each([0, 1, 65_535, 65_536, 200_000])('%i bytes come out of the gzip stream as they went in', (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
  expect(new Uint8Array(gunzipSync(storedGzip(bytes)))).toEqual(bytes);
});
