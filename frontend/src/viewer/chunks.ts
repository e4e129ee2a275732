/** The pixels of one phase, fetched in blocks of slices, the block that is looked at first. */
import { decodeBlock } from './codec';

export interface PhaseSource {
  index: number;
  /** How the server codes blocks: a name that `decodeBlock` knows. */
  codec: string;
  slicesPerChunk: number;
  chunkUrls: readonly string[];
}

/** Bytes of one block, inflated. Rejects when the server does not give them. */
export type FetchBlock = (url: string, signal: AbortSignal) => Promise<ArrayBuffer>;

type ChunkState = 'waiting' | 'loading' | 'loaded' | 'failed';

interface Chunk {
  url: string;
  state: ChunkState;
  attempts: number;
  loaded: Promise<void>;
  settle: () => void;
}

const AT_ONCE = 3;
const RETRY_AFTER_MS = [400, 1500, 4000] as const;

/**
 * `voxels` (Z·Y·X,) int16 fills as blocks arrive. A block that fails is asked for three times more; then it waits
 * for `retry`. A promise of `ready` never rejects, so that a picture is late rather than lost.
 */
export class PhasePixels {
  readonly voxels: Int16Array<ArrayBuffer>;
  private readonly chunks: Chunk[];
  private readonly abort = new AbortController();
  private focusChunk = 0;
  private started = false;
  private running = 0;

  constructor(
    private readonly source: PhaseSource,
    private readonly shapeZyx: readonly [number, number, number],
    private readonly fetchBlock: FetchBlock,
    private readonly onChange: () => void,
  ) {
    this.voxels = new Int16Array(shapeZyx[0] * shapeZyx[1] * shapeZyx[2]);
    this.chunks = source.chunkUrls.map(waitingChunk);
  }

  get fractionLoaded(): number {
    return this.count('loaded') / this.chunks.length;
  }

  get failed(): boolean {
    return this.count('failed') > 0;
  }

  /** Resolves when the slice's voxels are there. */
  ready(slice: number): Promise<void> {
    return this.chunkOf(slice)?.loaded ?? Promise.resolve();
  }

  isReady(slice: number): boolean {
    return this.chunkOf(slice)?.state === 'loaded';
  }

  /** Pixels (Y·X,) of a slice: a view, not a copy. */
  slice(z: number): Int16Array<ArrayBuffer> {
    const size = this.shapeZyx[1] * this.shapeZyx[2];
    return this.voxels.subarray(z * size, (z + 1) * size);
  }

  /** Fetch everything, nearest to this slice first. */
  start(slice: number): void {
    this.started = true;
    this.focus(slice);
  }

  /** Fetch what is nearest to this slice next. */
  focus(slice: number): void {
    this.focusChunk = Math.floor(slice / this.source.slicesPerChunk);
    this.pump();
  }

  /** Ask again for the blocks that failed. */
  retry(): void {
    for (const chunk of this.chunks) {
      if (chunk.state === 'failed') Object.assign(chunk, { state: 'waiting', attempts: 0 });
    }
    this.onChange();
    this.pump();
  }

  /** Stop fetching, for good. */
  stop(): void {
    this.abort.abort();
  }

  private pump(): void {
    while (this.started && this.running < AT_ONCE && !this.abort.signal.aborted) {
      const next = this.nearestWaiting();
      if (next === undefined) return;
      this.running += 1;
      void this.load(next).finally(() => {
        this.running -= 1;
        this.pump();
      });
    }
  }

  private nearestWaiting(): number | undefined {
    const waiting = this.chunks.flatMap((chunk, n) => (chunk.state === 'waiting' ? [n] : []));
    return waiting.sort((a, b) => Math.abs(a - this.focusChunk) - Math.abs(b - this.focusChunk))[0];
  }

  private async load(n: number): Promise<void> {
    const chunk = this.chunks[n];
    if (!chunk) return;
    chunk.state = 'loading';
    try {
      this.store(n, await this.fetchBlock(chunk.url, this.abort.signal));
      chunk.state = 'loaded';
      chunk.settle();
    } catch {
      if (this.abort.signal.aborted) return;
      this.retryLater(chunk);
    }
    this.onChange();
  }

  private retryLater(chunk: Chunk): void {
    const wait = RETRY_AFTER_MS[chunk.attempts];
    chunk.attempts += 1;
    chunk.state = 'failed';
    if (wait === undefined) return;
    chunk.state = 'loading';
    setTimeout(() => {
      chunk.state = 'waiting';
      this.pump();
    }, wait);
  }

  private store(n: number, block: ArrayBuffer): void {
    const sliceSize = this.shapeZyx[1] * this.shapeZyx[2];
    const from = n * this.source.slicesPerChunk;
    const to = Math.min(from + this.source.slicesPerChunk, this.shapeZyx[0]);
    decodeBlock(this.source.codec, block, this.voxels.subarray(from * sliceSize, to * sliceSize));
  }

  private chunkOf(slice: number): Chunk | undefined {
    return this.chunks[Math.floor(slice / this.source.slicesPerChunk)];
  }

  private count(state: ChunkState): number {
    return this.chunks.filter((chunk) => chunk.state === state).length;
  }
}

function waitingChunk(url: string): Chunk {
  const { promise, resolve } = deferred();
  return { url, state: 'waiting', attempts: 0, loaded: promise, settle: resolve };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** The browser inflates what the server sends gzipped. */
export const fetchBlock: FetchBlock = async (url, signal) => {
  const answer = await fetch(url, { signal, credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`the server answered ${answer.status} for ${url}`);
  return answer.arrayBuffer();
};
