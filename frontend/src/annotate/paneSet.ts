import { PLANES } from '../viewer';
import type { PaneElements, PlaneName } from '../viewer';

/** The elements in which planes are drawn, as the page has laid them out. */
export class PaneSet {
  private readonly elements = new Map<PlaneName, HTMLDivElement>();

  put(plane: PlaneName, element: HTMLDivElement | null): void {
    if (element) this.elements.set(plane, element);
  }

  /** Raises when the page has not laid out every plane yet. */
  all(): PaneElements {
    const entries = PLANES.map((plane) => [plane, this.elements.get(plane)] as const);
    const missing = entries.find(([, element]) => element === undefined);
    if (missing) throw new Error(`the page has no pane for the ${missing[0]} plane`);
    return Object.fromEntries(entries) as PaneElements;
  }
}
