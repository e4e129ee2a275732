import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { decodeBlock } from './codec';
import fixture from './fixtures/blocks.json';

function inflated(base64: string): ArrayBuffer {
  return new Uint8Array(gunzipSync(Buffer.from(base64, 'base64'))).buffer;
}

describe('a block of pixels', () => {
  it.each(fixture.cases)('is read as the server wrote it: $name', ({ codec, pixels, block }) => {
    const into = new Int16Array(pixels.length);
    decodeBlock(codec, inflated(block), into);
    expect([...into]).toEqual(pixels);
  });

  it('is written into its part of a volume and nowhere else', () => {
    const volume = new Int16Array(30).fill(5);
    const [ramp] = fixture.cases;
    if (!ramp) throw new Error('the fixture is empty');
    decodeBlock(ramp.codec, inflated(ramp.block), volume.subarray(3, 27));
    expect([...volume]).toEqual([5, 5, 5, ...ramp.pixels, 5, 5, 5]);
  });

  it.each(['gzip', 'delta-planes-gzip'])('of the wrong length is refused: %s', (codec) => {
    expect(() => decodeBlock(codec, new ArrayBuffer(10), new Int16Array(4))).toThrow('needs 8 bytes, got 10');
  });

  it('of a codec from the future is refused by name', () => {
    expect(() => decodeBlock('wavelets', new ArrayBuffer(8), new Int16Array(4))).toThrow('coded as wavelets');
  });
});
