/** The graphics card takes pictures away when its driver fails, sleeps or is updated. */
import { Enums, eventTarget } from '@cornerstonejs/core';

const LOST = Enums.Events.WEBGL_CONTEXT_LOST;

/** The pictures of an engine. Once lost they cannot be drawn again by it. */
export class Pictures {
  private areLost = false;
  private readonly listeners = new Set<() => void>();

  constructor(private readonly engineId: string) {
    eventTarget.addEventListener(LOST, this.whenLost);
  }

  get lost(): boolean {
    return this.areLost;
  }

  /** Call once when they are lost. */
  onLost(act: () => void): void {
    this.listeners.add(act);
  }

  stop(): void {
    eventTarget.removeEventListener(LOST, this.whenLost);
    this.listeners.clear();
  }

  private readonly whenLost = (event: Event): void => {
    const { renderingEngineId } = (event as CustomEvent<{ renderingEngineId: string }>).detail;
    if (renderingEngineId !== this.engineId || this.areLost) return;
    this.areLost = true;
    for (const act of this.listeners) act();
  };
}
