import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type FetchBlock, PhasePixels } from './chunks';

const SHAPE = [10, 2, 3] as const;
const FAR = {
  codec: 'gzip',
  slicesPerChunk: 1,
  chunkUrls: Array.from({ length: 10 }, (_, n) => `${n}`),
};
const SOURCE = { codec: 'gzip', slicesPerChunk: 2, chunkUrls: ['0', '1', '2', '3', '4'] };

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
    expect(asked).toEqual(['0']);
  });

  it('gives the block that is looked at the link to itself', async () => {
    const { answer, running, fetchBlock } = link();
    new PhasePixels(FAR, SHAPE, fetchBlock, vi.fn()).start(4);
    expect(running()).toEqual(['4']);
    await answer('4');
    expect(running()).toEqual(['3', '5', '2', '6']);
  });

  it('gives up what lies far away when somebody goes to a slice that is not there', async () => {
    const { answer, running, fetchBlock } = link();
    const pixels = new PhasePixels(FAR, SHAPE, fetchBlock, vi.fn());
    pixels.start(4);
    await answer('4');
    pixels.focus(7);
    expect(running()).toEqual(['6', '7']);
    await answer('7');
    expect(running()).toEqual(['6', '8', '5', '9']);
    for (const url of ['6', '8', '5', '9', '3', '2', '1', '0']) await answer(url);
    expect(pixels.fractionLoaded).toBe(1);
    expect(Array.from({ length: 10 }, (_, z) => pixels.slice(z)[5])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('goes on as it was when somebody goes to a slice that is there', async () => {
    const { answer, running, fetchBlock } = link();
    const pixels = new PhasePixels(FAR, SHAPE, fetchBlock, vi.fn());
    pixels.start(4);
    await answer('4');
    await answer('5');
    const before = running();
    pixels.focus(5);
    expect(running()).toEqual(before);
  });

  it('leaves the link while it is paused, and goes on after', async () => {
    const { answer, running, fetchBlock } = link();
    const pixels = new PhasePixels(FAR, SHAPE, fetchBlock, vi.fn());
    pixels.start(0);
    await answer('0');
    pixels.pause();
    expect(running()).toEqual([]);
    pixels.start(9);
    expect(running()).toEqual(['9']);
    expect(pixels.isReady(0)).toBe(true);
  });

  it('names the slices that are missing', async () => {
    const { answer, fetchBlock } = link();
    const pixels = new PhasePixels(
      { ...SOURCE, slicesPerChunk: 4, chunkUrls: ['0', '1', '2'] },
      SHAPE,
      fetchBlock,
      vi.fn(),
    );
    expect(pixels.missing).toEqual([[0, 10]]);
    pixels.start(5);
    await answer('1', 24);
    expect(pixels.missing).toEqual([
      [0, 4],
      [8, 10],
    ]);
    expect(pixels.settled).toBe(false);
    await answer('0', 24);
    await answer('2', 12);
    expect([pixels.missing, pixels.settled]).toEqual([[], true]);
  });
});

/** A server that answers when told to, and which knows what is being asked of it. */
function link(): {
  answer: (url: string, values?: number) => Promise<void>;
  running: () => string[];
  fetchBlock: FetchBlock;
} {
  const open = new Map<string, (block: ArrayBuffer) => void>();
  const fetchBlock: FetchBlock = (url, signal) =>
    new Promise((resolve, reject) => {
      open.set(url, resolve);
      signal.addEventListener('abort', () => {
        open.delete(url);
        reject(new DOMException('gone', 'AbortError'));
      });
    });
  const answer = async (url: string, values = 6): Promise<void> => {
    const resolve = open.get(url);
    if (!resolve) throw new Error(`nobody asks for ${url}`);
    open.delete(url);
    resolve(new Int16Array(values).fill(Number(url)).buffer);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { answer, running: () => [...open.keys()], fetchBlock };
}
