/** A press or a drag of the left button that takes all panes to a place. */

/** `wanted` tells whether the left button does this now; `go` gets CSS pixels from the element's corner. */
export function goByPress(
  element: HTMLDivElement,
  wanted: () => boolean,
  go: (x: number, y: number) => void,
): () => void {
  const stop = new AbortController();
  const to = (event: PointerEvent): void => {
    const box = element.getBoundingClientRect();
    go(event.clientX - box.left, event.clientY - box.top);
  };
  let down = false;
  const options = { signal: stop.signal, capture: true };
  element.addEventListener(
    'pointerdown',
    (event) => {
      down = event.button === 0 && wanted();
      if (down) to(event);
    },
    options,
  );
  element.addEventListener('pointermove', (event) => down && event.buttons === 1 && to(event), options);
  window.addEventListener('pointerup', () => (down = false), options);
  // cornerstone hears the mouse events that follow, and must not take them for a stroke.
  element.addEventListener(
    'mousedown',
    (event) => {
      if (event.button === 0 && wanted()) event.stopImmediatePropagation();
    },
    options,
  );
  return () => stop.abort();
}
