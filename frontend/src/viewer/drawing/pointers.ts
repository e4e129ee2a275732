/**
 * Mouse, pen and fingers over a pane. The left button and the pen draw while a tool that draws is chosen; a finger
 * draws where that is switched on, else it moves the picture; two fingers move it and make it larger. Once a pen was
 * seen, fingers no longer draw, and while the pen is near, a palm on the glass does nothing.
 */

export interface PointerActions {
  /** A tool that draws is chosen. */
  draws: () => boolean;
  /** One finger draws. */
  touchDraws: () => boolean;
  press: (event: PointerEvent) => void;
  drag: (event: PointerEvent) => void;
  release: () => void;
  /** What was drawn since the press is to be taken back. */
  cancel: () => void;
  /** The pointer moves without being pressed, or left. */
  hover: (event: PointerEvent | null) => void;
  panBy: (dx: number, dy: number) => void;
  /** Factor around a point of the window. */
  zoomAt: (factor: number, clientX: number, clientY: number) => void;
}

interface Finger {
  x: number;
  y: number;
}

/** A palm that comes down with the pen, or just after it was lifted. */
const PALM_MS = 700;
let penSeenAt = -Infinity;
let penDown = false;

/** Listen on an element; the answer stops it. */
export function listenToPointers(element: HTMLElement, actions: PointerActions): () => void {
  return new Pointers(element, actions).stop;
}

class Pointers {
  private readonly fingers = new Map<number, Finger>();
  /** The pointer that draws. */
  private drawing: number | null = null;
  private readonly stopping = new AbortController();

  constructor(
    private readonly element: HTMLElement,
    private readonly actions: PointerActions,
  ) {
    element.classList.add('drawing-touch');
    const options = { signal: this.stopping.signal, capture: true };
    element.addEventListener('pointerdown', this.down, options);
    element.addEventListener('pointermove', this.move, options);
    element.addEventListener('pointerup', this.up, options);
    element.addEventListener('pointercancel', this.up, options); // what was drawn until then stays
    element.addEventListener('pointerleave', () => actions.hover(null), options);
    // Fingers are dealt with here alone; cornerstone's own tools would draw the same touch once more.
    for (const kind of ['touchstart', 'touchmove', 'touchend', 'touchcancel'] as const) {
      element.addEventListener(kind, swallow, { ...options, passive: false });
    }
  }

  readonly stop = (): void => {
    this.stopping.abort();
  };

  private readonly down = (event: PointerEvent): void => {
    if (event.pointerType === 'touch') {
      this.fingerDown(event);
      return;
    }
    if (event.pointerType === 'pen') seePen(true);
    if (this.actions.draws() && (event.button === 0 || event.button === ERASER_END)) this.start(event);
  };

  private readonly move = (event: PointerEvent): void => {
    if (event.pointerType === 'pen') seePen(penDown);
    if (event.pointerId === this.drawing) this.actions.drag(event);
    else if (event.pointerType === 'touch') this.fingerMoves(event);
    else if (event.buttons === 0) this.actions.hover(event);
  };

  private readonly up = (event: PointerEvent): void => {
    if (event.pointerType === 'pen') seePen(false);
    this.fingers.delete(event.pointerId);
    if (event.pointerId !== this.drawing) return;
    this.drawing = null;
    this.actions.release();
  };

  private fingerDown(event: PointerEvent): void {
    event.preventDefault();
    if (penDown || performance.now() - penSeenAt < PALM_MS) return;
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.element.setPointerCapture(event.pointerId);
    if (this.fingers.size > 1) this.drop();
    else if (this.actions.draws() && this.actions.touchDraws() && penSeenAt === -Infinity) this.start(event);
  }

  /** One finger moves the picture, two make it larger too. */
  private fingerMoves(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before || this.fingers.size > 2) return;
    const now = { x: event.clientX, y: event.clientY };
    const [other] = [...this.fingers].filter(([id]) => id !== event.pointerId).map(([, finger]) => finger);
    this.fingers.set(event.pointerId, now);
    const share = this.fingers.size;
    this.actions.panBy((now.x - before.x) / share, (now.y - before.y) / share);
    if (!other) return;
    const factor = apart(now, other) / Math.max(apart(before, other), 1);
    this.actions.zoomAt(factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
  }

  private start(event: PointerEvent): void {
    event.preventDefault(); // no mouse events follow, which other tools would take for theirs
    event.stopImmediatePropagation();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.element.setPointerCapture(event.pointerId);
    this.drawing = event.pointerId;
    this.actions.press(event);
  }

  private drop(): void {
    if (this.drawing === null) return;
    this.drawing = null;
    this.actions.cancel();
  }
}

/** The other end of a pen, as the browser numbers it. */
export const ERASER_END = 5;

const apart = (a: Finger, b: Finger): number => Math.hypot(a.x - b.x, a.y - b.y);

function seePen(down: boolean): void {
  penSeenAt = performance.now();
  penDown = down;
}

function swallow(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
