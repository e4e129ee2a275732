/** Single blocks of phases that nobody looks at: fetched when asked for, once, and the latest kept. */
import type { FetchBlock, PhaseSource } from './chunks';
import { decodeBlock } from './codec';

/** Bytes of decoded blocks that are kept. */
const KEPT_BYTES = 96 * 2 ** 20;

export class Blocks {
  private readonly kept = new Map<string, Promise<Int16Array>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly shapeZyx: readonly [number, number, number],
    private readonly fetchBlock: FetchBlock,
    private readonly keptBytes = KEPT_BYTES,
  ) {}

  /** Stored values (Y·X,) of a slice: a view, not to be written to. Rejects when the server does not give them. */
  async slice(phase: PhaseSource, z: number): Promise<Int16Array> {
    const number = Math.floor(z / phase.slicesPerChunk);
    const block = await this.block(phase, number);
    const size = this.shapeZyx[1] * this.shapeZyx[2];
    const from = (z - number * phase.slicesPerChunk) * size;
    return block.subarray(from, from + size);
  }

  /** Give up what is still on its way and forget the rest. */
  stop(): void {
    this.stopping.abort();
    this.kept.clear();
  }

  private block(phase: PhaseSource, number: number): Promise<Int16Array> {
    const url = phase.chunkUrls[number];
    if (url === undefined) return Promise.reject(new RangeError(`the source has no block ${number}`));
    const block = this.kept.get(url) ?? this.read(phase, number, url);
    this.kept.delete(url);
    this.kept.set(url, block); // the latest is the last
    this.forgetOldest(phase);
    return block;
  }

  private async read(phase: PhaseSource, number: number, url: string): Promise<Int16Array> {
    try {
      const first = number * phase.slicesPerChunk;
      const slices = Math.min(phase.slicesPerChunk, this.shapeZyx[0] - first);
      const pixels = new Int16Array(slices * this.shapeZyx[1] * this.shapeZyx[2]);
      decodeBlock(phase.codec, await this.fetchBlock(url, this.stopping.signal), pixels);
      return pixels;
    } catch (error) {
      this.kept.delete(url); // to be asked for again
      throw error;
    }
  }

  private forgetOldest({ slicesPerChunk }: PhaseSource): void {
    const bytes = slicesPerChunk * this.shapeZyx[1] * this.shapeZyx[2] * Int16Array.BYTES_PER_ELEMENT;
    const most = Math.max(Math.floor(this.keptBytes / bytes), 1);
    for (const url of this.kept.keys()) {
      if (this.kept.size <= most) return;
      this.kept.delete(url);
    }
  }
}
