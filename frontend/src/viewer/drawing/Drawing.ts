/** Drawing by hand in the panes: which gesture does what, and what is seen of it before it becomes voxels. */
import { brushGesture, type Gesture } from './brushGesture';
import { Contour } from './contour';
import { type Cutting, cutOut, type Outline } from './cut';
import './drawing.css';
import { Highlight } from './highlight';
import { Overlay } from './overlay';
import { type DrawHost, type DrawPane, rulesIn, type Spot } from './pane';
import { ERASER_END, listenToPointers } from './pointers';
import type { IntensityRange } from './rules';
import { rangeAround } from './sample';
import { type DrawSettings, isBrush, NO_DRAWING } from './settings';
import { circle, rectangle } from './shapes';
import { type Point, sliceShape, type SliceShape, toPoint, toZyx } from './slice';

interface Attached {
  pane: DrawPane;
  overlay: Overlay;
  highlight: Highlight;
  shape: SliceShape;
  stop: () => void;
  /** Where the pointer is, while it is over the pane. */
  spot: Spot | null;
}

const ERASER_COLOUR = '#ffffff';
/** Pixels that a hand moves by without meaning it. */
const STILL_PX = 3;

export class Drawing {
  private settings = NO_DRAWING;
  private readonly panes = new Map<string, Attached>();
  private gesture: Gesture | null = null;
  private contour: { contour: Contour; on: Attached } | null = null;
  /** A cut through many slices is under way. */
  private busy = false;
  private shift = false;
  private readonly stopping = new AbortController();

  constructor(private readonly host: DrawHost) {
    const options = { signal: this.stopping.signal, capture: true };
    window.addEventListener('keydown', (event) => this.key(event), options);
    window.addEventListener('keyup', ({ shiftKey }) => this.setShift(shiftKey), options);
  }

  attach(id: string, pane: DrawPane): void {
    const overlay = new Overlay(pane.element);
    const attached: Attached = {
      pane,
      overlay,
      highlight: new Highlight(this.host.grid, pane, overlay.canvas),
      shape: sliceShape(this.host.grid, pane.plane.axis),
      spot: null,
      stop: () => undefined,
    };
    attached.stop = listenToPointers(pane.element, {
      draws: () => this.settings.tool !== null && !this.busy,
      touchDraws: () => this.settings.touchDraws,
      press: (event) => this.press(attached, event),
      drag: (event) => this.drag(attached, event),
      release: () => this.release(),
      cancel: () => this.cancelGesture(),
      hover: (event) => this.hover(attached, event),
      panBy: pane.panBy,
      zoomAt: (factor, x, y) => pane.zoomAt(factor, ...within(pane.element, x, y)),
    });
    this.panes.set(id, attached);
    this.show(attached);
  }

  detach(id: string): void {
    const attached = this.panes.get(id);
    if (!attached) return;
    if (this.contour?.on === attached) this.contour = null;
    attached.stop();
    attached.overlay.remove();
    this.panes.delete(id);
  }

  use(settings: DrawSettings): void {
    const { tool, contour } = this.settings;
    this.settings = settings;
    if (tool !== settings.tool || contour !== settings.contour) this.leave(tool);
    this.showAll();
  }

  /** Another tool comes: a stroke of the brush is kept as far as it went, an outline that is not closed is dropped. */
  private leave(tool: DrawSettings['tool']): void {
    if (this.gesture && isBrush(tool)) this.release();
    else this.cancel();
  }

  /** The picture of a pane was drawn anew, perhaps elsewhere. */
  refresh(id: string): void {
    const attached = this.panes.get(id);
    if (attached) this.show(attached);
  }

  /** Drop what is being drawn. Returns whether there was something. */
  cancel(): boolean {
    if (this.gesture) {
      this.cancelGesture();
      return true;
    }
    if (!this.contour) return false;
    this.contour.on.overlay.clearOutline();
    this.contour = null;
    return true;
  }

  /** Close the contour that is being set. Returns whether there was one to close. */
  close(): boolean {
    if (!this.contour) return false;
    const { contour, on } = this.contour;
    if (contour.points.length < 3) return false;
    const points = contour.outline(true);
    this.cancel();
    this.fill({ pane: on.pane, slice: contour.slice, points });
    return true;
  }

  /** Take the last point of the contour back. Returns whether there was one. */
  back(): boolean {
    if (!this.contour) return false;
    const { contour, on } = this.contour;
    contour.removeLast();
    if (contour.points.length === 0) this.cancel();
    this.show(on);
    return true;
  }

  destroy(): void {
    this.stopping.abort();
    for (const id of [...this.panes.keys()]) this.detach(id);
  }

  // ---- gestures

  /** Keys that mean something while something is being drawn, and are left to others else. */
  private key(event: KeyboardEvent): void {
    this.setShift(event.shiftKey);
    const acts: Record<string, () => boolean> = {
      Escape: () => this.cancel(),
      Enter: () => this.close(),
      Backspace: () => this.back(),
    };
    if (event.target instanceof HTMLElement && event.target.closest('input, textarea, [role="dialog"]'))
      return;
    if (!acts[event.key]?.()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  private press(attached: Attached, event: PointerEvent): void {
    const spot = spotAt(attached.pane, event);
    attached.spot = spot;
    this.setShift(event.shiftKey);
    if (event.altKey || this.settings.picks) this.pick(attached, spot);
    else this.gesture = this.begin(attached, spot, event);
    this.show(attached);
  }

  private drag(attached: Attached, event: PointerEvent): void {
    const events = event.getCoalescedEvents();
    const spots = (events.length > 0 ? events : [event]).map((each) => spotAt(attached.pane, each));
    attached.spot = spots.at(-1) ?? null;
    this.gesture?.drag(spots);
    this.show(attached);
  }

  private release(): void {
    const { gesture } = this;
    this.gesture = null;
    gesture?.release();
  }

  private cancelGesture(): void {
    const { gesture } = this;
    this.gesture = null;
    gesture?.cancel();
  }

  private begin(attached: Attached, spot: Spot, event: PointerEvent): Gesture | null {
    const { tool, contour } = this.settings;
    if (isBrush(tool)) {
      if (tool === 'threshold' && !this.settings.threshold) this.pick(attached, spot);
      const erasing = this.erases || event.button === ERASER_END;
      return brushGesture(this.host, attached.pane, this.settings, erasing, spot);
    }
    if (tool === 'scissors') return this.outlineGesture(attached, spot, (outline) => this.cut(outline));
    if (contour === 'freehand') return this.outlineGesture(attached, spot, (outline) => this.fill(outline));
    return this.contourGesture(attached, spot, contour, event);
  }

  /** An outline that grows from press to release. */
  private outlineGesture(attached: Attached, first: Spot, done: (outline: Outline) => void): Gesture {
    const { pane, overlay, shape } = attached;
    const { tool } = this.settings;
    const kind = tool === 'scissors' ? this.settings.shape : 'freehand';
    const slice = pane.slice();
    const start = toPoint(shape, first.zyx);
    const way: Point[] = [start];
    let far = 0;
    const points = (): readonly Point[] => {
      const end = way.at(-1) ?? start;
      if (kind === 'rectangle') return rectangle(start, end);
      return kind === 'circle' ? circle(start, end, shape.mm) : way;
    };
    return {
      drag: (spots) => {
        for (const { zyx, canvas } of spots) {
          way.push(toPoint(shape, zyx));
          far = Math.max(far, Math.hypot(canvas[0] - first.canvas[0], canvas[1] - first.canvas[1]));
        }
        overlay.showOutline(this.onCanvas(attached, points(), slice), this.settings.colour, true);
      },
      release: () => {
        overlay.clearOutline();
        if (far > STILL_PX) done({ pane, slice, points: points() });
      },
      cancel: () => overlay.clearOutline(),
    };
  }

  /** A click sets a point, a drag moves one; the first point, or a double click, closes. */
  private contourGesture(
    attached: Attached,
    spot: Spot,
    kind: 'spline' | 'livewire',
    event: PointerEvent,
  ): Gesture | null {
    const slice = attached.pane.slice();
    if (this.contour?.on !== attached || this.contour.contour.slice !== slice) {
      this.cancel();
      this.contour = { contour: new Contour(attached.pane, slice, attached.shape, kind), on: attached };
    }
    const { contour } = this.contour;
    const grabbed = contour.knotAt(spot.canvas);
    if (grabbed === contour.points.length - 1 && grabbed > 1 && event.detail > 1) {
      this.close();
      return null;
    }
    if (grabbed < 0) contour.add(toPoint(attached.shape, spot.zyx));
    const knot = grabbed < 0 ? contour.points.length - 1 : grabbed;
    let far = 0;
    return {
      drag: (spots) => {
        const last = spots.at(-1);
        if (!last) return;
        far = Math.max(far, Math.hypot(last.canvas[0] - spot.canvas[0], last.canvas[1] - spot.canvas[1]));
        if (far > STILL_PX) contour.move(knot, toPoint(attached.shape, last.zyx));
      },
      release: () => {
        if (grabbed === 0 && far <= STILL_PX) this.close();
      },
      cancel: () => undefined,
    };
  }

  private cut(outline: Outline): void {
    const { cut, through, label, erasesAll } = this.settings;
    const erasing = cut !== 'fill';
    this.run(outline, {
      cut,
      through,
      ink: this.ink(outline.pane, erasing ? 0 : label, erasing && !erasesAll ? label : null),
    });
  }

  private fill(outline: Outline): void {
    const ink = this.ink(outline.pane, this.settings.label, null);
    this.run(outline, { cut: 'fill', through: false, ink });
  }

  private ink(pane: DrawPane, label: number, only: number | null): Cutting['ink'] {
    return { label, only, range: null, rules: rulesIn(pane, this.settings.rules) };
  }

  private run(outline: Outline, cutting: Cutting): void {
    this.busy = true;
    void cutOut(this.host, outline, cutting).finally(() => {
      this.busy = false;
    });
  }

  /** The intensities around a spot, or for other tools the label there, become those drawn with. */
  private pick({ pane, shape }: Attached, { zyx }: Spot): void {
    const [u, v] = toPoint(shape, zyx).map(Math.round) as [number, number];
    if (this.settings.tool !== 'threshold' && !this.settings.picks) {
      const [z, y, x] = toZyx(shape, pane.slice(), [u, v]);
      this.host.onPickLabel(this.host.labels(z)[y * this.host.grid.shapeZyx[2] + x] ?? 0);
      return;
    }
    const stored = rangeAround(
      (du, dv) => pane.valueAt(toZyx(shape, pane.slice(), [u + du, v + dv])),
      this.settings.deviations,
    );
    if (!stored) return;
    const range = pane.values(stored);
    if (this.settings.tool === 'threshold') this.settings = { ...this.settings, threshold: range };
    this.host.onPick(range);
  }

  private hover(attached: Attached, event: PointerEvent | null): void {
    attached.spot = event && spotAt(attached.pane, event);
    if (event) this.setShift(event.shiftKey);
    if (this.contour?.on === attached) {
      this.contour.contour.follow(attached.spot && toPoint(attached.shape, attached.spot.zyx));
    }
    this.show(attached);
  }

  // ---- what is seen

  /** Shift turns the brush into the eraser, and the eraser into the brush. */
  private get erases(): boolean {
    return (this.settings.tool === 'eraser') !== this.shift;
  }

  private setShift(shift: boolean): void {
    if (shift === this.shift) return;
    this.shift = shift;
    this.showAll();
  }

  private showAll(): void {
    for (const attached of this.panes.values()) this.show(attached);
  }

  private show(attached: Attached): void {
    this.showTip(attached);
    this.showContour(attached);
    attached.highlight.show(this.highlighted && attached.pane.stored(this.highlighted));
  }

  private get highlighted(): IntensityRange | null {
    const { tool, threshold, rules } = this.settings;
    if (tool === null) return null;
    return tool === 'threshold' ? threshold : rules.range;
  }

  private showTip({ overlay, pane, spot }: Attached): void {
    const { tool, diameterMm, colour } = this.settings;
    const round = isBrush(tool);
    overlay.setCursor(tool === null ? null : round ? 'none' : 'crosshair');
    if (!round || !spot) {
      overlay.hideTip();
      return;
    }
    const radius = (diameterMm / 2) * pane.pixelsPerMm();
    overlay.showTip(...spot.canvas, radius, this.erases ? ERASER_COLOUR : colour, this.erases);
  }

  private showContour(attached: Attached): void {
    if (this.contour?.on !== attached) return;
    const { contour } = this.contour;
    const { colour } = this.settings;
    const isHere = attached.pane.slice() === contour.slice;
    const outline = isHere ? contour.outline() : [];
    attached.overlay.showOutline(this.onCanvas(attached, outline, contour.slice), colour, outline.length > 2);
    attached.overlay.showKnots(this.onCanvas(attached, isHere ? contour.points : [], contour.slice), colour);
  }

  private onCanvas({ pane, shape }: Attached, points: readonly Point[], slice: number): [number, number][] {
    return points.map((point) => pane.canvasPoint(toZyx(shape, slice, point)));
  }
}

function spotAt(pane: DrawPane, event: PointerEvent): Spot {
  const canvas = within(pane.element, event.clientX, event.clientY);
  return { zyx: pane.indexAt(...canvas), canvas };
}

function within(element: HTMLElement, clientX: number, clientY: number): [number, number] {
  const box = element.getBoundingClientRect();
  return [clientX - box.left, clientY - box.top];
}
