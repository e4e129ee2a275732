// @vitest-environment node
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { decodeSlice, encodeSlice, gzip, MaskFormatError, packBundle, unpackBundle } from './bmm';
import python from './fixtures/bmm1.json';

const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

const cases = python.cases.map(({ name, size, slices, bundle }) => ({
  name,
  size,
  bundle: bytes(bundle),
  slices: new Map(
    Object.entries(slices as unknown as Record<string, [number, number][]>).map(([index, stretches]) => [
      Number(index),
      Uint8Array.from(stretches.flatMap(([value, length]) => Array<number>(length).fill(value))),
    ]),
  ),
}));

describe.each(cases)('what the server codes: $name', ({ size, slices, bundle }) => {
  it('is coded to the same bytes here', () => {
    expect(Buffer.from(packBundle(slices)).equals(Buffer.from(bundle))).toBe(true);
  });

  it('is read back to the same labels', () => {
    const read = unpackBundle(bundle, size);
    expect([...read.keys()]).toEqual([...slices.keys()]);
    for (const [index, labels] of slices) {
      expect(Buffer.from(read.get(index) ?? []).equals(Buffer.from(labels))).toBe(true);
    }
  });
});

describe('a slice', () => {
  it('comes back as it was, whatever is in it', () => {
    let seed = 7;
    for (let round = 0; round < 50; round += 1) {
      const labels = Uint8Array.from({ length: 1 + round * 37 }, () => {
        seed = (seed * 1103515245 + 12345) & 0x7fffffff;
        return (seed >> 16) % 3;
      });
      expect(decodeSlice(encodeSlice(labels), labels.length)).toEqual(labels);
    }
  });

  it('is refused when its runs are too short, too long or cut', () => {
    const runs = encodeSlice(new Uint8Array(10));
    expect(() => decodeSlice(runs, 11)).toThrow(
      new MaskFormatError('runs cover 10 pixels, the slice has 11'),
    );
    expect(() => decodeSlice(runs, 9)).toThrow(MaskFormatError);
    expect(() => decodeSlice(runs.subarray(0, 2), 10)).toThrow(MaskFormatError);
  });
});

describe('a bundle', () => {
  const bundle = packBundle(new Map([[4, new Uint8Array(6).fill(2)]]));

  it('is refused when it is cut anywhere', () => {
    for (let length = 0; length < bundle.length; length += 1) {
      expect(() => unpackBundle(bundle.subarray(0, length), 6)).toThrow(MaskFormatError);
    }
  });

  it('is refused when bytes follow it or a slice comes twice', () => {
    expect(() => unpackBundle(Uint8Array.from([...bundle, 0]), 6)).toThrow('bytes follow');
    const twice = Uint8Array.from([...bundle, ...bundle.subarray(6)]);
    twice[4] = 2;
    expect(() => unpackBundle(twice, 6)).toThrow('given twice');
  });

  it('is compressed so that gzip reads it', async () => {
    expect(gunzipSync(await gzip(bundle))).toEqual(Buffer.from(bundle));
  });
});
