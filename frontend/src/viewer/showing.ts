/** Which source each pane shows, in which window, and what panes do together. */
import { Enums } from '@cornerstonejs/core';

import { companions, leads, type Links } from './linking';
import type { Panes, Picture } from './panes';
import { type PaneId, type PaneRef, type PaneSpec, isPaneId, sameView } from './paneSpec';
import type { PlaneName } from './planes';
import type { Sources } from './sources';
import type { WindowRange, Windows } from './windows';

export interface ShowingEvents {
  /** A pane was made, with a picture but without a mask. */
  onAdded: (spec: PaneSpec, element: HTMLDivElement) => void;
  onRemoving: (id: PaneId) => void;
  /** A pane's picture was set up anew, so that its mask has to be drawn again. */
  onAnew: (id: PaneId) => void;
  onWindow: () => void;
}

export class Showing {
  private current: PaneSpec[] = [];
  private working: Promise<void> = Promise.resolve();
  private ended = false;
  private copying = false;
  private readonly cameras = new Map<PaneId, () => void>();
  links: Links = { scroll: true, view: true };

  constructor(
    private readonly mainPlane: PlaneName,
    private readonly sources: Sources,
    private readonly panes: Panes,
    private readonly windows: Windows,
    private readonly elements: Record<PaneId, HTMLDivElement>,
    /** Key of the source that is chosen for all panes. */
    private chosen: string,
    private readonly events: ShowingEvents,
  ) {}

  get specs(): readonly PaneSpec[] {
    return this.current;
  }

  get chosenKey(): string {
    return this.chosen;
  }

  spec(ref: PaneRef): PaneSpec | undefined {
    return this.current.find((spec) => (isPaneId(ref) ? spec.id : spec.plane) === ref);
  }

  /** Key of the source in a pane. */
  keyIn(ref: PaneRef): string {
    return this.spec(ref)?.source ?? this.chosen;
  }

  /** Show these panes and no others. Calls that come while one is under way are served in turn. */
  setPanes(specs: readonly PaneSpec[]): Promise<void> {
    return this.inTurn(() => this.layOut(specs));
  }

  /** Another source in all panes that have none of their own. */
  choose(key: string): Promise<void> {
    return this.inTurn(async () => {
      if (key === this.chosen) return;
      await this.open(key);
      this.chosen = key;
      this.tellSources();
      for (const spec of this.current) if (spec.source === null) await this.fill(spec);
      this.events.onWindow();
    });
  }

  setWindow(key: string, window: WindowRange): void {
    this.windows.set(key, window);
    this.applyWindows();
  }

  /** Give every pane the window of its source. */
  applyWindows(): void {
    for (const { id } of this.current) this.panes.setWindow(id, this.storedWindow(this.keyIn(id)));
    this.panes.render();
    this.events.onWindow();
  }

  setLinks(links: Links): void {
    this.links = links;
    for (const { id, plane } of this.current) {
      if (links.scroll) this.panes.follow(id);
      else if (!leads(this.current, id)) this.panes.setOwnSlice(id, this.panes.sliceOf(plane));
    }
    if (links.view) for (const { id } of this.current) if (leads(this.current, id)) this.copyCamera(id);
  }

  /** Whether a pane scrolls by itself. */
  isAlone(id: PaneId): boolean {
    return !this.links.scroll && !leads(this.current, id);
  }

  /** Give the other panes of a plane the part of it that this one shows. */
  copyCamera(id: PaneId): void {
    if (this.copying || !this.links.view) return;
    this.copying = true;
    this.panes.copyCamera(id, companions(this.current, id));
    this.copying = false;
  }

  private over(): boolean {
    return this.ended;
  }

  destroy(): void {
    this.ended = true;
    for (const { id } of this.current) this.unlisten(id);
    this.current = [];
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.working.then(async () => {
      if (!this.over()) await work();
    });
    this.working = done.catch(() => undefined);
    return done;
  }

  private async layOut(specs: readonly PaneSpec[]): Promise<void> {
    for (const old of this.current) if (!specs.some((spec) => sameView(spec, old))) this.remove(old.id);
    this.current = [...specs];
    this.tellSources();
    for (const spec of specs) {
      if (this.over()) return;
      if (this.panes.has(spec.id)) await this.fill(spec);
      else await this.add(spec);
      if (spec.projection && !this.over()) this.panes.project(spec.id, spec.projection);
    }
    if (this.over()) return;
    this.panes.resize();
    this.setLinks(this.links);
    this.events.onWindow();
  }

  private async add(spec: PaneSpec): Promise<void> {
    const picture = await this.picture(spec);
    if (this.over()) return;
    const element = this.elements[spec.id];
    await this.panes.add(spec.id, spec.plane, element, picture);
    if (this.over()) return;
    const moved = (): void => this.copyCamera(spec.id);
    element.addEventListener(Enums.Events.CAMERA_MODIFIED, moved);
    this.cameras.set(spec.id, () => element.removeEventListener(Enums.Events.CAMERA_MODIFIED, moved));
    this.events.onAdded(spec, element);
  }

  private async fill(spec: PaneSpec): Promise<void> {
    const picture = await this.picture(spec);
    if (this.over()) return;
    const anew = await this.panes.swap(spec.id, picture);
    if (anew && !this.over()) this.events.onAnew(spec.id);
  }

  private remove(id: PaneId): void {
    if (!this.panes.has(id)) return;
    this.unlisten(id);
    this.events.onRemoving(id);
    this.panes.remove(id);
  }

  private unlisten(id: PaneId): void {
    this.cameras.get(id)?.();
    this.cameras.delete(id);
  }

  private async picture(spec: PaneSpec): Promise<Picture> {
    const key = spec.source ?? this.chosen;
    return { volumeId: await this.open(key), window: this.storedWindow(key) };
  }

  private open(key: string): Promise<string> {
    return this.sources.open(key, this.panes.sliceOf(this.mainPlane));
  }

  private tellSources(): void {
    this.sources.show(this.current.map(({ id }) => this.keyIn(id)));
  }

  /** The window of a source in stored values. */
  private storedWindow(key: string): WindowRange {
    const { low, high } = this.windows.of(key);
    const { slope, intercept } = this.sources.input(key);
    return { low: (low - intercept) / slope, high: (high - intercept) / slope };
  }
}
