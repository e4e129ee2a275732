/**
 * The phases of a volume as cornerstone volumes, made when first looked at. The one that is shown has the link to
 * itself; those that were left before they were whole come after it, the latest first.
 */
import { cache, type Types, volumeLoader } from '@cornerstonejs/core';

import { type FetchBlock, PhasePixels } from './chunks';
import type { Grid } from './grid';
import { closePhase, openPhase } from './images';

export interface PhaseInput {
  index: number;
  label: string;
  codec: string;
  slicesPerChunk: number;
  chunkUrls: readonly string[];
  slope: number;
  intercept: number;
  /** In stored values. */
  window: { low: number; high: number };
}

export interface Loading {
  /** Share of the shown phase that has arrived, 0 to 1. */
  fraction: number;
  failed: boolean;
}

interface LoadedPhase {
  volumeId: string;
  pixels: PhasePixels;
  imageIds: string[];
}

/** Phases of one opened case. `key` is unique on the page, so that no two cases share cached pixels. */
export class PhaseVolumes {
  private readonly loaded = new Map<number, LoadedPhase>();
  /** Opened phases, the one that is shown first. */
  private order: number[] = [];
  private slice = 0;

  constructor(
    private readonly key: string,
    private readonly grid: Grid,
    private readonly phases: readonly PhaseInput[],
    private readonly fetchBlock: FetchBlock,
    private readonly onProgress: () => void,
  ) {}

  input(index: number): PhaseInput {
    const phase = this.phases.find((candidate) => candidate.index === index);
    if (!phase) throw new RangeError(`the volume has no phase ${index}`);
    return phase;
  }

  /** Id of the cornerstone volume of a phase, whose pixels then arrive from this slice outwards. */
  async open(index: number, slice: number): Promise<string> {
    this.order = [index, ...this.order.filter((other) => other !== index)];
    this.slice = slice;
    const known = this.loaded.get(index);
    if (known) {
      this.share();
      return known.volumeId;
    }
    const phase = this.describe(index);
    this.loaded.set(index, phase);
    const volume = (await volumeLoader.createAndCacheVolume(phase.volumeId, {
      imageIds: phase.imageIds,
    })) as Types.IStreamingImageVolume;
    if (volume.imageIds[0] !== phase.imageIds[0]) {
      throw new RangeError('slices are not sorted along the normal of their plane');
    }
    this.share();
    volume.load();
    return phase.volumeId;
  }

  /** Resolves when a slice of a phase can be shown. */
  ready(index: number, slice: number): Promise<void> {
    return this.loaded.get(index)?.pixels.ready(slice) ?? Promise.resolve();
  }

  isReady(index: number, slice: number): boolean {
    return this.loaded.get(index)?.pixels.isReady(slice) ?? false;
  }

  focus(index: number, slice: number): void {
    this.slice = slice;
    this.loaded.get(index)?.pixels.focus(slice);
  }

  /** Slices of a phase that have not arrived, as ranges from the first to before the last. */
  missing(index: number): [number, number][] {
    return this.loaded.get(index)?.pixels.missing ?? [[0, this.grid.shapeZyx[0]]];
  }

  /** Scanner value of a voxel, or null while it has not arrived. */
  value(index: number, z: number, y: number, x: number): number | null {
    const pixels = this.loaded.get(index)?.pixels;
    const stored = pixels?.isReady(z) ? pixels.slice(z)[y * this.grid.shapeZyx[2] + x] : undefined;
    const { slope, intercept } = this.input(index);
    return stored === undefined ? null : stored * slope + intercept;
  }

  /** Stored values (Y·X,) of a slice, a view, or null while they have not arrived. */
  arrived(index: number, z: number): Int16Array | null {
    const pixels = this.loaded.get(index)?.pixels;
    return pixels?.isReady(z) === true ? pixels.slice(z) : null;
  }

  loading(index: number): Loading {
    const pixels = this.loaded.get(index)?.pixels;
    return { fraction: pixels?.fractionLoaded ?? 0, failed: pixels?.failed ?? false };
  }

  retry(): void {
    for (const { pixels } of this.loaded.values()) pixels.retry();
    this.share();
  }

  destroy(): void {
    for (const [index, { pixels, volumeId, imageIds }] of this.loaded) {
      pixels.stop();
      cancelLoading(volumeId);
      if (cache.getVolumeLoadObject(volumeId)) cache.removeVolumeLoadObject(volumeId);
      for (const id of imageIds)
        if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
      closePhase(this.phaseKey(index));
    }
    this.loaded.clear();
  }

  /** Let the first phase that is not whole load, and no other. */
  private share(): void {
    let busy = false;
    for (const index of this.order) {
      const pixels = this.loaded.get(index)?.pixels;
      if (!pixels) continue;
      if (busy || pixels.settled) pixels.pause();
      else {
        busy = true;
        pixels.start(this.slice);
      }
    }
  }

  private describe(index: number): LoadedPhase {
    const { codec, slicesPerChunk, chunkUrls, window } = this.input(index);
    const source = { index, codec, slicesPerChunk, chunkUrls };
    const pixels = new PhasePixels(source, this.grid.shapeZyx, this.fetchBlock, () => {
      if (pixels.settled) this.share();
      this.onProgress();
    });
    const imageIds = openPhase(this.phaseKey(index), {
      grid: this.grid,
      pixels,
      window,
      frameOfReference: this.key,
    });
    return { volumeId: `cornerstoneStreamingImageVolume:${this.phaseKey(index)}`, pixels, imageIds };
  }

  private phaseKey(index: number): string {
    return `${this.key}/${index}`;
  }
}

function cancelLoading(volumeId: string): void {
  const volume = cache.getVolume(volumeId) as Partial<Types.IStreamingImageVolume> | undefined;
  volume?.cancelLoading?.();
}
