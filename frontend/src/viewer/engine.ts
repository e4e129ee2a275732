/** Starts cornerstone, once for the page. */
import { Enums, imageLoadPoolManager, init as startCore } from '@cornerstonejs/core';
import { addTool, init as startTools, PanTool, WindowLevelTool, ZoomTool } from '@cornerstonejs/tools';

import { registerImages } from './images';

/** The browser cannot draw volumes. */
export class NoWebGlError extends Error {
  constructor() {
    super('This browser cannot draw volumes: it offers no WebGL 2.');
    this.name = 'NoWebGlError';
  }
}

/** Slices that may be waited for at once: our own loader decides which come first, so that none may wait for a turn. */
const SLICES_AT_ONCE = 100_000;

let started = false;

/** Raises NoWebGlError where the browser lacks WebGL 2. */
export function startEngine(): void {
  if (started) return;
  if (!document.createElement('canvas').getContext('webgl2')) throw new NoWebGlError();
  // The published type asks for every setting; those left out keep their defaults.
  // All panes are drawn in the first WebGL context, of which a browser gives few to a page.
  const rendering = { useGenericViewport: true, webGlContextCount: 1 };
  startCore({ rendering } as unknown as Parameters<typeof startCore>[0]);
  startTools();
  [PanTool, ZoomTool, WindowLevelTool].forEach((tool) => {
    addTool(tool);
  });
  registerImages();
  imageLoadPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, SLICES_AT_ONCE);
  started = true;
}
