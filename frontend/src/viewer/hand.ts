/** Whether a button, a pen or a finger is down, anywhere in the window. */

export interface Hand {
  readonly isDown: boolean;
  /** Run at once, or when the hand comes to rest; of several the last. */
  atRest: (act: () => void) => void;
  stop: () => void;
}

/**
 * Watch the hand. onRest is called each time it comes to rest, after whoever else listens to that: when the pointer is
 * released, also beside the pane or the window, when it is taken away, and when the window loses the focus.
 */
export function watchHand(onRest: () => void): Hand {
  const held = new Set<number>();
  const stop = new AbortController();
  let waiting: (() => void) | null = null;
  const options = { signal: stop.signal, capture: true };
  const rest = (): void => {
    setTimeout(() => {
      if (held.size > 0 || stop.signal.aborted) return;
      onRest();
      waiting?.();
      waiting = null;
    });
  };
  const release = ({ pointerId }: PointerEvent): void => {
    if (held.delete(pointerId)) rest();
  };
  const releaseAll = (): void => {
    held.clear();
    rest();
  };
  window.addEventListener('pointerdown', ({ pointerId }) => held.add(pointerId), options);
  window.addEventListener('pointerup', release, options);
  window.addEventListener('pointercancel', release, options);
  // A button that was released over another window is only seen when the pointer comes back.
  window.addEventListener('pointermove', (event) => event.buttons === 0 && release(event), options);
  window.addEventListener('blur', releaseAll, options);
  return {
    get isDown() {
      return held.size > 0;
    },
    atRest: (act) => {
      if (held.size === 0) act();
      else waiting = act;
    },
    stop: () => stop.abort(),
  };
}
