/** Pictures derived of the phases: which there can be, having one made, and showing it once it is there. */
import { api, call } from '../api';
import type { Derived } from '../api';
import type { SourceInput } from '../viewer';
import type { DeskBase } from './parts';

const ASK_AGAIN_MS = 1_500;

export class DerivedPictures {
  private closed = false;
  private asking: ReturnType<typeof setTimeout> | undefined;

  /** whenThere: called when a picture can be shown that could not before. */
  constructor(
    private readonly desk: DeskBase,
    private readonly whenThere: () => void,
  ) {}

  /** Read what there is; while something is being made, ask again and again. */
  async read(): Promise<void> {
    clearTimeout(this.asking);
    try {
      this.take(await call(api.GET('/api/volumes/{volume_id}/derived', { params: this.params })));
    } catch (error) {
      if (!this.closed) this.desk.store.setState({ derivedFailure: error });
    }
  }

  /** Have a picture made. */
  async make(key: string): Promise<void> {
    this.desk.store.setState({ derivedFailure: null });
    try {
      await call(api.POST('/api/volumes/{volume_id}/derived', { params: this.params, body: { key } }));
    } catch (error) {
      if (!this.closed) this.desk.store.setState({ derivedFailure: error });
      return;
    }
    await this.read();
  }

  destroy(): void {
    this.closed = true;
    clearTimeout(this.asking);
  }

  private get params() {
    return { path: { volume_id: this.desk.volume.id } };
  }

  private take(all: readonly Derived[]): void {
    if (this.closed) return;
    const derived = all.filter(({ key }) => !PHASE.test(key)); // a phase is there already, as itself
    const fresh = derived.filter(({ key, pixels }) => pixels !== null && !this.desk.viewer.hasSource(key));
    for (const offer of fresh) {
      const input = sourceOf(offer);
      if (input) this.desk.viewer.addSource(input);
    }
    this.desk.store.setState({ derived, derivedFailure: null });
    if (fresh.length > 0) this.whenThere();
    if (derived.some(({ state }) => isUnderWay(state)))
      this.asking = setTimeout(() => void this.read(), ASK_AGAIN_MS);
  }
}

const PHASE = /^phase\d+$/;

export function isUnderWay(state: Derived['state']): boolean {
  return state === 'waiting' || state === 'running';
}

function sourceOf({ key, name, unit, pixels }: Derived): SourceInput | null {
  if (pixels === null) return null;
  return {
    key,
    label: name,
    unit,
    codec: pixels.codec,
    slicesPerChunk: pixels.slices_per_chunk,
    chunkUrls: pixels.chunks,
    slope: pixels.slope,
    intercept: pixels.intercept,
    window: { low: pixels.window_low, high: pixels.window_high },
  };
}
