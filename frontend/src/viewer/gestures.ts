/** Wheel, hover and window dragging in the panes, which cornerstone's own tools would do differently. */
import { AT_ONCE } from './tools';

export interface GestureActions {
  /** Whole slices to move by; positive is down the wheel. */
  onScroll: (element: HTMLDivElement, steps: number) => void;
  /** Wheel steps with Ctrl held; positive is up the wheel. */
  onResize: (element: HTMLDivElement, steps: number) => void;
  /** Wheel steps with Shift or Alt held; positive is up the wheel. */
  onZoom: (element: HTMLDivElement, steps: number) => void;
  /** CSS pixels since the last call while the window is dragged. */
  onWindowDrag: (dx: number, dy: number) => void;
  /** Pointer in CSS pixels from the element's corner, or null when it left. */
  onHover: (element: HTMLDivElement, point: [number, number] | null, event: PointerEvent) => void;
  /** Whether the left button drags the window now. */
  leftDragsWindow: () => boolean;
}

/** Distance of one notch of a common mouse wheel; touchpads send less at a time and are summed up. */
const NOTCH_PX = 50;

/** Listen on an element; the answer stops it. */
export function listen(element: HTMLDivElement, actions: GestureActions): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal, capture: true };
  element.addEventListener('wheel', wheel(element, actions), { ...options, passive: false });
  element.addEventListener('mousedown', (event) => startWindowDrag(event, actions), options);
  element.addEventListener('mousedown', (event) => startAtOnce(element, event), { signal: stop.signal });
  element.addEventListener('contextmenu', (event) => event.preventDefault(), options);
  element.addEventListener(
    'pointermove',
    (event) => actions.onHover(element, pointIn(element, event), event),
    options,
  );
  element.addEventListener('pointerleave', (event) => actions.onHover(element, null, event), options);
  return () => stop.abort();
}

function wheel(element: HTMLDivElement, actions: GestureActions): (event: WheelEvent) => void {
  let rest = 0;
  return (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    // Some systems turn Shift+wheel into sideways scrolling.
    const moved =
      (event.deltaY || event.deltaX) * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? NOTCH_PX / 3 : 1);
    if (Math.sign(moved) !== Math.sign(rest)) rest = 0;
    rest += moved;
    const steps = Math.abs(moved) >= NOTCH_PX ? Math.sign(moved) : Math.trunc(rest / NOTCH_PX);
    if (steps === 0) return;
    rest = 0;
    if (event.ctrlKey || event.metaKey) actions.onResize(element, -steps);
    else if (event.shiftKey || event.altKey) actions.onZoom(element, -steps);
    else actions.onScroll(element, steps);
  };
}

/**
 * cornerstone holds a press of the left button back for up to 400 ms, in case a double click follows, so that a dab of
 * the brush would appear late. A second press with other buttons ends that wait; nothing here needs double clicks.
 */
function startAtOnce(element: HTMLElement, event: MouseEvent): void {
  if (!event.isTrusted || event.button !== 0) return;
  const { clientX, clientY, ctrlKey, shiftKey, altKey, metaKey } = event;
  const held = { clientX, clientY, ctrlKey, shiftKey, altKey, metaKey };
  element.dispatchEvent(
    new MouseEvent('mousedown', { ...held, button: 0, buttons: AT_ONCE, bubbles: false }),
  );
}

function startWindowDrag(event: MouseEvent, actions: GestureActions): void {
  if (!event.isTrusted) return;
  const wanted = event.button === 2 || (event.button === 0 && actions.leftDragsWindow());
  if (!wanted) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const stop = new AbortController();
  let [x, y] = [event.clientX, event.clientY];
  const move = (next: MouseEvent): void => {
    actions.onWindowDrag(next.clientX - x, next.clientY - y);
    [x, y] = [next.clientX, next.clientY];
  };
  window.addEventListener('mousemove', move, { signal: stop.signal });
  window.addEventListener('mouseup', () => stop.abort(), { signal: stop.signal });
  window.addEventListener('blur', () => stop.abort(), { signal: stop.signal });
}

function pointIn(element: HTMLElement, event: MouseEvent): [number, number] {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
