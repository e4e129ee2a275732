import { PANE_IDS } from '../viewer';
import type { PaneElements, PaneId } from '../viewer';

/** The elements in which panes are drawn, as the page has laid them out. */
export class PaneSet {
  private readonly elements = new Map<PaneId, HTMLDivElement>();

  put(id: PaneId, element: HTMLDivElement | null): void {
    if (element) this.elements.set(id, element);
  }

  /** Raises when the page has not laid out every pane yet. */
  all(): PaneElements {
    const entries = PANE_IDS.map((id) => [id, this.elements.get(id)] as const);
    const missing = entries.find(([, element]) => element === undefined);
    if (missing) throw new Error(`the page has no element for the pane ${missing[0]}`);
    return Object.fromEntries(entries) as PaneElements;
  }
}
