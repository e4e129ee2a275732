/** The curve of the place that is looked at, and those that were pinned beside it. */
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { Vec3 } from '../../viewer';
import type { DeskBase } from '../parts';
import { type Kinetics, kineticsOf, type Sample } from './kinetics';
import { measure } from './measure';
import { ball, labelled, type Region, sizeOf } from './region';
import { obstacleOf } from './words';

export const PLACES = ['voxel', 'ball', 'slice', 'volume'] as const;
/** Where a curve is taken: at the pointer, round it, or where the chosen label is drawn. */
export type Place = (typeof PLACES)[number];

export interface Curve {
  id: number;
  name: string;
  voxels: number;
  samples: readonly Sample[];
  kinetics: Kinetics;
}

export interface CurvesState {
  place: Place;
  radiusMm: number;
  /** Null until there is a place to measure. */
  curve: Curve | null;
  pinned: readonly Curve[];
  /** Share of the slices that were read, null while nothing is measured. */
  progress: number | null;
}

export const MOST_PINNED = 4;
const RADIUS_MM = 2.5;
const AFTER_MS = 120;

interface Spot {
  name: string;
  region: Region;
}

export class Curves {
  readonly store: StoreApi<CurvesState>;
  private running = 0;
  private ids = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopFollowing: (() => void) | null = null;
  private centre: Vec3 | null = null;

  constructor(private readonly desk: DeskBase) {
    this.store = createStore<CurvesState>(() => ({
      place: 'voxel',
      radiusMm: RADIUS_MM,
      curve: null,
      pinned: [],
      progress: null,
    }));
  }

  /** Why there is no curve of this volume, or null where there is one. */
  get obstacle(): string | null {
    return obstacleOf(this.desk.volume);
  }

  /** Measure whenever pointer, label, slice or mask change. Returns the way to stop. */
  follow(): () => void {
    if (this.obstacle !== null) return () => undefined;
    const stop = this.desk.store.subscribe((now, before) => {
      const pointed = now.hover !== null && now.hover.zyx !== before.hover?.zyx;
      if (pointed && now.hover) this.centre = now.hover.zyx;
      const { place } = this.store.getState();
      const byPointer = place === 'voxel' || place === 'ball';
      const drawn = now.labelsBySlice !== before.labelsBySlice || now.label !== before.label;
      const moved = place === 'slice' && now.slices !== before.slices;
      if (byPointer ? pointed : drawn || moved) this.later();
    });
    this.stopFollowing = stop;
    this.later();
    return () => {
      stop();
      this.stopFollowing = null;
      this.halt();
    };
  }

  setPlace(place: Place): void {
    this.store.setState({ place, curve: null });
    this.later();
  }

  setRadius(radiusMm: number): void {
    this.store.setState({ radiusMm });
    this.later();
  }

  /** Keep the curve that is shown; the oldest goes where there are too many. */
  pin(): void {
    const { curve, pinned } = this.store.getState();
    if (curve === null || pinned.some(({ id }) => id === curve.id)) return;
    this.store.setState({ pinned: [...pinned, curve].slice(-MOST_PINNED) });
  }

  unpin(id: number): void {
    this.store.setState(({ pinned }) => ({ pinned: pinned.filter((curve) => curve.id !== id) }));
  }

  destroy(): void {
    this.stopFollowing?.();
    this.halt();
  }

  private later(): void {
    clearTimeout(this.timer);
    if (this.stopFollowing === null) return;
    this.timer = setTimeout(() => void this.run(), AFTER_MS);
  }

  private halt(): void {
    clearTimeout(this.timer);
    this.running += 1;
    this.store.setState({ progress: null });
  }

  private async run(): Promise<void> {
    this.running += 1;
    const run = this.running;
    const spot = this.desk.store.getState().ready ? this.spot() : null;
    if (spot === null || sizeOf(spot.region) === 0) {
      this.store.setState({ curve: null, progress: null });
      return;
    }
    this.store.setState({ progress: 0 });
    const { volume, viewer } = this.desk;
    const samples = await measure(
      volume.phases,
      spot.region,
      (phase, z) => viewer.storedSlice(phase, z),
      () => run !== this.running,
      (progress) => run === this.running && this.store.setState({ progress }),
    );
    if (samples === null || run !== this.running) return;
    this.ids += 1;
    const curve = { id: this.ids, name: spot.name, voxels: sizeOf(spot.region), samples };
    this.store.setState({ curve: { ...curve, kinetics: kineticsOf(samples) }, progress: null });
  }

  private spot(): Spot | null {
    const { place, radiusMm } = this.store.getState();
    const { viewer, labels, store } = this.desk;
    const { label, slices, labelsBySlice } = store.getState();
    const { shapeZyx, spacingZyxMm } = viewer.grid;
    const title = labels.find(({ value }) => value === label)?.name ?? `label ${label}`;
    const read = (z: number): Uint8Array => viewer.mask.slice(z);
    if (place === 'slice') {
      const z = slices[viewer.mainPlane];
      return { name: `${title}, slice ${z + 1}`, region: labelled(label, [z], read) };
    }
    if (place === 'volume') {
      const carrying = labelsBySlice.flatMap((values, z) => (values.includes(label) ? [z] : []));
      return { name: `${title}, all slices`, region: labelled(label, carrying, read) };
    }
    if (this.centre === null) return null;
    const where = `${this.centre[0] + 1} · ${this.centre[1]} · ${this.centre[2]}`;
    const radius = place === 'ball' ? radiusMm : 0;
    const region = ball(this.centre, radius, shapeZyx, spacingZyxMm);
    return { name: place === 'ball' ? `Ball at ${where}` : `Voxel ${where}`, region };
  }
}
