/**
 * What can be shown of a case, each source a cornerstone volume that is made when first looked at. The slices that are
 * looked at come first, for every shown source in turn; then the first shown source has the link to itself, then the
 * others, then those that were left before they were whole.
 */
import { cache, type Types, volumeLoader } from '@cornerstonejs/core';

import { type FetchBlock, PhasePixels } from './chunks';
import type { Grid } from './grid';
import { closePhase, openPhase } from './images';

/** A phase, or a picture derived of phases: pixels on the grid of the case. stored × slope + intercept is the value. */
export interface SourceInput {
  /** `phase1`, `phase1-phase0`, `dce_in`: as the server calls it. */
  key: string;
  label: string;
  /** Empty for the scanner's own. */
  unit: string;
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

interface LoadedSource {
  volumeId: string;
  pixels: PhasePixels;
  imageIds: string[];
}

/** Key of the phase of an index. */
export const phaseKey = (index: number): string => `phase${index}`;

/** Sources of one opened case. `key` is unique on the page, so that no two cases share cached pixels. */
export class Sources {
  private readonly known = new Map<string, SourceInput>();
  private readonly loaded = new Map<string, LoadedSource>();
  /** Opened sources, those that are shown first. */
  private order: string[] = [];
  private shown: readonly string[] = [];
  private running: string | null = null;
  private held: readonly string[] = [];
  private slice = 0;

  constructor(
    private readonly key: string,
    private readonly grid: Grid,
    inputs: readonly SourceInput[],
    private readonly fetchBlock: FetchBlock,
    private readonly onProgress: () => void,
  ) {
    inputs.forEach((input) => this.add(input));
  }

  /** Make a source known, such as a picture that was derived meanwhile. */
  add(input: SourceInput): void {
    if (!this.known.has(input.key)) this.known.set(input.key, input);
  }

  has(key: string): boolean {
    return this.known.has(key);
  }

  /** Raises RangeError for a source that the case does not have. */
  input(key: string): SourceInput {
    const input = this.known.get(key);
    if (!input) throw new RangeError(`the case has no source ${key}`);
    return input;
  }

  get all(): readonly SourceInput[] {
    return [...this.known.values()];
  }

  /** Id of the cornerstone volume of a source, whose pixels then arrive from this slice outwards. */
  async open(key: string, slice: number): Promise<string> {
    this.order = [...this.order.filter((other) => other !== key), key];
    this.slice = slice;
    const known = this.loaded.get(key);
    if (known) {
      this.share();
      return known.volumeId;
    }
    const source = this.describe(key);
    this.loaded.set(key, source);
    const volume = (await volumeLoader.createAndCacheVolume(source.volumeId, {
      imageIds: source.imageIds,
    })) as Types.IStreamingImageVolume;
    if (volume.imageIds[0] !== source.imageIds[0]) {
      throw new RangeError('slices are not sorted along the normal of their plane');
    }
    this.share();
    volume.load();
    return source.volumeId;
  }

  /** Id of the cornerstone volume of an opened source. */
  volumeId(key: string): string | undefined {
    return this.loaded.get(key)?.volumeId;
  }

  /** Say which sources are on the screen, the most wanted first: they come before all others. */
  show(keys: readonly string[]): void {
    this.shown = [...new Set(keys)];
    this.share();
  }

  /** Sources that take turns on the screen: the slice that is looked at comes for each, and turns interrupt nothing. */
  hold(keys: readonly string[]): void {
    this.held = keys;
    this.share();
  }

  /** Resolves when a slice of a source can be shown. */
  ready(key: string, slice: number): Promise<void> {
    return this.loaded.get(key)?.pixels.ready(slice) ?? Promise.resolve();
  }

  isReady(key: string, slice: number): boolean {
    return this.loaded.get(key)?.pixels.isReady(slice) ?? false;
  }

  /** The stored slice that is looked at: it comes next. */
  focus(slice: number): void {
    this.slice = slice;
    if (this.running !== null) this.loaded.get(this.running)?.pixels.focus(slice);
    this.share();
  }

  /** Slices of a source that have not arrived, as ranges from the first to before the last. */
  missing(key: string): [number, number][] {
    return this.loaded.get(key)?.pixels.missing ?? [[0, this.grid.shapeZyx[0]]];
  }

  /** Stored values (Y·X,) of a slice, or null while it has not arrived: a view, not a copy. */
  pixels(key: string, z: number): Int16Array | null {
    const pixels = this.loaded.get(key)?.pixels;
    return pixels?.isReady(z) ? pixels.slice(z) : null;
  }

  /** Value of a voxel in the source's unit, or null while it has not arrived. */
  value(key: string, z: number, y: number, x: number): number | null {
    const stored = this.pixels(key, z)?.[y * this.grid.shapeZyx[2] + x];
    const { slope, intercept } = this.input(key);
    return stored === undefined ? null : stored * slope + intercept;
  }

  loading(key: string): Loading {
    const pixels = this.loaded.get(key)?.pixels;
    return { fraction: pixels?.fractionLoaded ?? 0, failed: pixels?.failed ?? false };
  }

  retry(): void {
    for (const { pixels } of this.loaded.values()) pixels.retry();
    this.share();
  }

  destroy(): void {
    for (const [key, { pixels, volumeId, imageIds }] of this.loaded) {
      pixels.stop();
      cancelLoading(volumeId);
      if (cache.getVolumeLoadObject(volumeId)) cache.removeVolumeLoadObject(volumeId);
      for (const id of imageIds)
        if (cache.getImageLoadObject(id)) cache.removeImageLoadObject(id, { force: true });
      closePhase(this.sourceKey(key));
    }
    this.loaded.clear();
  }

  /** Let one source load, and no other. */
  private share(): void {
    const next = this.next();
    for (const [key, { pixels }] of this.loaded) if (key !== next) pixels.pause();
    const changed = next !== this.running;
    this.running = next;
    if (next !== null && changed) this.loaded.get(next)?.pixels.start(this.slice);
  }

  private next(): string | null {
    const opened = (keys: readonly string[]): string[] => keys.filter((key) => this.loaded.has(key));
    const unsettled = (key: string): boolean => this.loaded.get(key)?.pixels.settled === false;
    const looked = opened([...this.shown, ...this.held]).find(
      (key) => unsettled(key) && !this.isReady(key, this.slice),
    );
    if (looked !== undefined) return looked;
    if (this.held.length > 0 && this.running !== null && unsettled(this.running)) return this.running;
    return opened([...this.shown, ...this.order.toReversed()]).find(unsettled) ?? null;
  }

  private describe(key: string): LoadedSource {
    const { codec, slicesPerChunk, chunkUrls, window } = this.input(key);
    const pixels = new PhasePixels(
      { codec, slicesPerChunk, chunkUrls },
      this.grid.shapeZyx,
      this.fetchBlock,
      () => {
        this.share();
        this.onProgress();
      },
    );
    const imageIds = openPhase(this.sourceKey(key), {
      grid: this.grid,
      pixels,
      window,
      frameOfReference: this.key,
    });
    return { volumeId: `cornerstoneStreamingImageVolume:${this.sourceKey(key)}`, pixels, imageIds };
  }

  private sourceKey(key: string): string {
    return `${this.key}/${key}`;
  }
}

function cancelLoading(volumeId: string): void {
  const volume = cache.getVolume(volumeId) as Partial<Types.IStreamingImageVolume> | undefined;
  volume?.cancelLoading?.();
}

/** Enhancing tissue shows first after contrast, so that the first post-contrast phase opens where there is one. */
export function firstSource(sources: readonly SourceInput[]): string {
  const phases = sources.filter(({ key }) => /^phase\d+$/.test(key));
  const first = phases[1] ?? phases[0];
  if (!first) throw new RangeError('the volume has no phase');
  return first.key;
}
