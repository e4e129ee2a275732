/** The pixels of one phase, fetched in blocks of slices, the block that is looked at first. */
import { decodeBlock } from './codec';

export interface PhaseSource {
  /** How the server codes blocks: a name that `decodeBlock` knows. */
  codec: string;
  slicesPerChunk: number;
  chunkUrls: readonly string[];
}

/** Bytes of one block, inflated. Rejects when the server does not give them. */
export type FetchBlock = (url: string, signal: AbortSignal) => Promise<ArrayBuffer>;

type ChunkState = 'waiting' | 'loading' | 'resting' | 'loaded' | 'failed';

interface Chunk {
  url: string;
  state: ChunkState;
  attempts: number;
  request: AbortController | null;
  loaded: Promise<void>;
  settle: () => void;
}

const AT_ONCE = 4;
const RETRY_AFTER_MS = [400, 1500, 4000] as const;
/** Blocks this near to the one that is looked at go on loading when it is not there yet. */
const KEPT_NEAR = 1;

/**
 * `voxels` (Z·Y·X,) int16 fills as blocks arrive. The block that is looked at has the whole link to itself until it is
 * there. A block that fails is asked for three times more; then it waits for `retry`. A promise of `ready` never
 * rejects, so that a picture is late rather than lost.
 */
export class PhasePixels {
  readonly voxels: Int16Array<ArrayBuffer>;
  private readonly chunks: Chunk[];
  private focusChunk = 0;
  private active = false;
  private stopped = false;

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

  /** Whether nothing is left to ask for by itself. */
  get settled(): boolean {
    return this.count('loaded') + this.count('failed') === this.chunks.length;
  }

  /** Slices that have not arrived, as ranges from the first to before the last. */
  get missing(): [number, number][] {
    const ranges: [number, number][] = [];
    this.chunks.forEach(({ state }, n) => {
      if (state === 'loaded') return;
      const from = n * this.source.slicesPerChunk;
      const to = Math.min(from + this.source.slicesPerChunk, this.shapeZyx[0]);
      const last = ranges.at(-1);
      if (last?.[1] === from) last[1] = to;
      else ranges.push([from, to]);
    });
    return ranges;
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
    this.active = true;
    this.focus(slice);
  }

  /** Leave the link to another phase; `start` goes on. */
  pause(): void {
    this.active = false;
    this.letGo(() => true);
  }

  /** Fetch what is nearest to this slice next; requests for what lies far from it are given up and come later. */
  focus(slice: number): void {
    this.focusChunk = this.numberOf(slice);
    if (!this.active) return;
    const looked = this.chunks[this.focusChunk];
    if (looked?.state === 'waiting') this.letGo((n) => Math.abs(n - this.focusChunk) > KEPT_NEAR);
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
    this.stopped = true;
    this.pause();
  }

  private pump(): void {
    while (this.active && this.count('loading') < AT_ONCE) {
      const next = this.next();
      if (next === undefined) return;
      void this.load(next).finally(() => this.pump());
    }
  }

  /** The block to ask for now, if any: none beside the one that is looked at. */
  private next(): number | undefined {
    const looked = this.chunks[this.focusChunk];
    if (looked?.state === 'loading') return undefined;
    const waiting = this.chunks.flatMap((chunk, n) => (chunk.state === 'waiting' ? [n] : []));
    return waiting.sort((a, b) => Math.abs(a - this.focusChunk) - Math.abs(b - this.focusChunk))[0];
  }

  private letGo(which: (n: number) => boolean): void {
    this.chunks.forEach((chunk, n) => {
      if (chunk.state !== 'loading' || !which(n)) return;
      chunk.state = 'waiting';
      chunk.request?.abort();
    });
  }

  private async load(n: number): Promise<void> {
    const chunk = this.chunks[n];
    if (!chunk) return;
    const request = new AbortController();
    Object.assign(chunk, { state: 'loading', request });
    try {
      const block = await this.fetchBlock(chunk.url, request.signal);
      if (this.stopped || chunk.state === 'loaded') return;
      this.store(n, block);
      chunk.state = 'loaded';
      chunk.settle();
    } catch {
      if (request.signal.aborted) return;
      this.retryLater(chunk);
    }
    this.onChange();
  }

  private retryLater(chunk: Chunk): void {
    const wait = RETRY_AFTER_MS[chunk.attempts];
    chunk.attempts += 1;
    chunk.state = wait === undefined ? 'failed' : 'resting';
    if (wait === undefined) return;
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
    return this.chunks[this.numberOf(slice)];
  }

  private numberOf(slice: number): number {
    return Math.floor(slice / this.source.slicesPerChunk);
  }

  private count(state: ChunkState): number {
    return this.chunks.filter((chunk) => chunk.state === state).length;
  }
}

function waitingChunk(url: string): Chunk {
  const { promise, resolve } = deferred();
  return { url, state: 'waiting', attempts: 0, request: null, loaded: promise, settle: resolve };
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
