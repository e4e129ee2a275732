import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type FetchBlock, PhasePixels } from './chunks';

const SHAPE = [10, 2, 3] as const;
const SOURCE = { index: 0, codec: 'gzip', slicesPerChunk: 2, chunkUrls: ['0', '1', '2', '3', '4'] };

/** A server whose block n holds the slices' own numbers, and which notes what it was asked for. */
function server(failures: Record<string, number> = {}): { asked: string[]; fetchBlock: FetchBlock } {
  const asked: string[] = [];
  const fetchBlock: FetchBlock = (url) => {
    asked.push(url);
    if ((failures[url] ?? 0) > 0) {
      failures[url] = (failures[url] ?? 0) - 1;
      return Promise.reject(new Error('down'));
    }
    const block = new Int16Array(12).map((_, i) => Number(url) * 2 + Math.floor(i / 6));
    return Promise.resolve(block.buffer);
  };
  return { asked, fetchBlock };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the pixels of a phase', () => {
  it('asks for nothing before it is started', () => {
    const { asked, fetchBlock } = server();
    new PhasePixels(SOURCE, SHAPE, fetchBlock, vi.fn()).focus(3);
    expect(asked).toEqual([]);
  });

  it('asks for the block that is looked at first, then for its neighbours', async () => {
    const { asked, fetchBlock } = server();
    const pixels = new PhasePixels(SOURCE, SHAPE, fetchBlock, vi.fn());
    pixels.start(7);
    await vi.runAllTimersAsync();
    expect(asked).toEqual(['3', '2', '4', '1', '0']);
    expect([...pixels.slice(7)]).toEqual(Array(6).fill(7));
    expect(pixels.fractionLoaded).toBe(1);
  });

  it('tries again by itself after a failure', async () => {
    const { asked, fetchBlock } = server({ '1': 2 });
    const pixels = new PhasePixels(SOURCE, SHAPE, fetchBlock, vi.fn());
    pixels.start(2);
    await vi.runAllTimersAsync();
    expect(asked.filter((url) => url === '1')).toHaveLength(3);
    expect(pixels.isReady(3)).toBe(true);
  });

  it('gives up after four tries, says so, and goes on when asked to', async () => {
    const { fetchBlock } = server({ '0': 4 });
    const pixels = new PhasePixels(SOURCE, SHAPE, fetchBlock, vi.fn());
    pixels.start(0);
    await vi.runAllTimersAsync();
    expect([pixels.failed, pixels.isReady(0), pixels.fractionLoaded]).toEqual([true, false, 0.8]);
    pixels.retry();
    await vi.runAllTimersAsync();
    await pixels.ready(0);
    expect([pixels.failed, pixels.fractionLoaded]).toEqual([false, 1]);
  });

  it('takes a block of the wrong length for a failure', async () => {
    const pixels = new PhasePixels(SOURCE, SHAPE, () => Promise.resolve(new ArrayBuffer(10)), vi.fn());
    pixels.start(0);
    await vi.runAllTimersAsync();
    expect([pixels.failed, pixels.fractionLoaded]).toEqual([true, 0]);
  });

  it('asks for nothing more once stopped', async () => {
    const { asked, fetchBlock } = server({ '0': 99, '1': 99, '2': 99 });
    const pixels = new PhasePixels(SOURCE, SHAPE, fetchBlock, vi.fn());
    pixels.start(0);
    pixels.stop();
    await vi.runAllTimersAsync();
    expect(asked).toEqual(['0', '1', '2']);
  });
});
