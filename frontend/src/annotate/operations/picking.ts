/** Takes clicks into the panes away from the tool that is selected. */
import type { PaneSpec, Vec3, Viewer } from '../../viewer';

const CLASS = 'operations-picking';

/** Call with each voxel that is clicked with the left button, until the answer is called. */
export function watchClicks(viewer: Viewer, onPick: (pane: PaneSpec, zyx: Vec3) => void): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal, capture: true, passive: false };
  const take = (event: Event): PaneSpec | null => {
    const pane = viewer.paneOf(event.target) ?? null;
    if (!pane || (event instanceof MouseEvent && event.button !== 0)) return null;
    event.preventDefault();
    event.stopImmediatePropagation();
    return pane;
  };
  const pick = (event: PointerEvent): void => {
    const pane = take(event);
    const box = pane && viewer.paneElement(pane.id)?.getBoundingClientRect();
    const zyx = box && viewer.voxelUnder(pane.id, event.clientX - box.left, event.clientY - box.top);
    if (zyx) onPick(pane, zyx);
  };
  window.addEventListener('pointerdown', pick, options);
  window.addEventListener('mousedown', take, options);
  window.addEventListener('touchstart', take, options);
  document.body.classList.add(CLASS);
  stop.signal.addEventListener('abort', () => document.body.classList.remove(CLASS));
  return () => stop.abort();
}
