/** Windows as a person sets them: by hand, by a preset, or by dragging. */
import { windowsOf } from './autoWindow';
import type { Showing } from './showing';
import type { Sources } from './sources';
import { type WindowPreset, type WindowRange, Windows, widened } from './windows';

/** Drag that changes the window by the whole window that came with the source. */
const WINDOW_DRAG_PX = 400;
/** Slices of a volume that an automatic window looks at. */
const LOOKED_AT = 12;

export class Windowing {
  readonly windows: Windows;

  /** shownSlice: the stored slice that is looked at. showing: asked for late, since it reads the windows. */
  constructor(
    private readonly sources: Sources,
    private readonly sliceCount: number,
    private readonly shownSlice: () => number,
    private readonly showing: () => Showing,
    first: string,
  ) {
    this.windows = new Windows((key) => this.given(key), first);
  }

  /** The window of a source, in its unit. */
  of(key: string): WindowRange {
    return this.windows.of(key);
  }

  set(key: string, window: WindowRange): void {
    this.windows.set(key, window);
    this.showing().applyWindows();
  }

  /** Nothing changes where the values for a preset have not arrived. */
  preset(key: string, preset: WindowPreset): void {
    const window = this.presetOf(key, preset);
    if (window) this.set(key, window);
  }

  /** Whether all phases are shown in one window. */
  get isSteady(): boolean {
    return this.windows.isSteady;
  }

  /** Let all phases share the window of one of them, or have one each. */
  setSteady(steady: boolean, key: string): void {
    this.windows.setSteady(steady, key);
    this.showing().applyWindows();
  }

  /** Right makes the window wider, down makes the picture darker. */
  drag(key: string, dx: number, dy: number): void {
    const given = this.given(key);
    const perPixel = (given.high - given.low) / WINDOW_DRAG_PX;
    const { low, high } = this.windows.of(key);
    const width = Math.max(high - low + dx * perPixel, perPixel);
    const centre = (high + low) / 2 + dy * perPixel;
    this.set(key, { low: centre - width / 2, high: centre + width / 2 });
  }

  /** The window that came with a source, in its unit. */
  private given(key: string): WindowRange {
    return this.valued(key, this.sources.input(key).window);
  }

  private presetOf(key: string, preset: WindowPreset): WindowRange | null {
    if (preset === 'given') return this.given(key);
    const values = windowsOf(this.arrived(key));
    if (values === null) return null;
    if (preset === 'full') return this.valued(key, values.full);
    const auto = this.valued(key, values.auto);
    if (preset === 'auto') return auto;
    return widened(auto, preset === 'wide' ? 2 : 0.5);
  }

  /** Stored values in the source's unit. */
  private valued(key: string, { low, high }: WindowRange): WindowRange {
    const { slope, intercept } = this.sources.input(key);
    return { low: low * slope + intercept, high: high * slope + intercept };
  }

  /** Slices of a source that are there: the one that is looked at, and some from all over the volume. */
  private arrived(key: string): Int16Array[] {
    const step = Math.max(1, Math.floor(this.sliceCount / LOOKED_AT));
    const all = Array.from({ length: Math.ceil(this.sliceCount / step) }, (_, n) => n * step);
    return [this.shownSlice(), ...all].flatMap((z) => this.sources.pixels(key, z) ?? []);
  }
}
