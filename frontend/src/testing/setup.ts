import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// What browsers have and jsdom has not; the components only need these to exist.
class NoObserver {
  observe(): void {
    return undefined;
  }
  unobserve(): void {
    return undefined;
  }
  disconnect(): void {
    return undefined;
  }
}

// Tests of plain code run without a window.
if (typeof window !== 'undefined') {
  const matchMedia = (media: string) => Object.assign(new EventTarget(), { media, matches: false });
  Object.assign(window, { ResizeObserver: NoObserver, matchMedia });
  Object.assign(Element.prototype, { scrollIntoView: () => undefined, hasPointerCapture: () => false });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});
