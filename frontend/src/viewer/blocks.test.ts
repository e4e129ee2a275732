import { describe, expect, it, vi } from 'vitest';

import { Blocks } from './blocks';

const SHAPE: [number, number, number] = [5, 1, 2];
const PHASE = { codec: 'gzip', slicesPerChunk: 2, chunkUrls: ['a', 'b', 'c'] };
const PIXELS: Record<string, number[]> = { a: [0, 1, 10, 11], b: [20, 21, 30, 31], c: [40, 41] };

const fetcher = () => vi.fn((url: string) => Promise.resolve(Int16Array.from(PIXELS[url] ?? []).buffer));

describe('blocks that are asked for one by one', () => {
  it('give a slice of the block that holds it, the last and shorter one too', async () => {
    const blocks = new Blocks(SHAPE, fetcher());
    expect(await blocks.slice(PHASE, 3)).toEqual(Int16Array.of(30, 31));
    expect(await blocks.slice(PHASE, 4)).toEqual(Int16Array.of(40, 41));
  });

  it('are fetched once, also by two who ask at the same time', async () => {
    const fetch = fetcher();
    const blocks = new Blocks(SHAPE, fetch);
    await Promise.all([blocks.slice(PHASE, 0), blocks.slice(PHASE, 1)]);
    await blocks.slice(PHASE, 1);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it('are forgotten, the oldest first, where there is no more room', async () => {
    const fetch = fetcher();
    const blocks = new Blocks(SHAPE, fetch, 16);
    for (const z of [0, 2, 0, 4]) await blocks.slice(PHASE, z); // b is the oldest now
    await blocks.slice(PHASE, 0);
    expect(fetch).toHaveBeenCalledTimes(3);
    await blocks.slice(PHASE, 2);
    expect(fetch).toHaveBeenCalledTimes(4);
  });

  it('are asked for again after the server refused', async () => {
    const fetch = fetcher();
    fetch.mockRejectedValueOnce(new Error('503'));
    const blocks = new Blocks(SHAPE, fetch);
    await expect(blocks.slice(PHASE, 0)).rejects.toThrow('503');
    expect(await blocks.slice(PHASE, 0)).toEqual(Int16Array.of(0, 1));
  });

  it('refuse a block that a phase does not have', async () => {
    await expect(new Blocks(SHAPE, fetcher()).slice({ ...PHASE, chunkUrls: [] }, 0)).rejects.toThrow(
      'no block 0',
    );
  });
});
