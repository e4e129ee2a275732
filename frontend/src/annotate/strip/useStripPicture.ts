import { type RefObject, useEffect, useRef, useState } from 'react';

import { drawStrip, type Lane, type StripColours, stripWidth } from './picture';
import type { SliceFacts } from './slices';

/** Keeps a canvas drawn at the resolution of the screen, whatever its height becomes. */
export function useStripPicture(
  slices: readonly SliceFacts[],
  lanes: readonly Lane[],
): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height, setHeight] = useState(0);
  useEffect(() => {
    const frame = canvas.current?.parentElement;
    if (!frame) return undefined;
    const watch = new ResizeObserver(() => setHeight(frame.clientHeight));
    watch.observe(frame);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context || height === 0) return;
    const width = stripWidth(
      lanes.length,
      slices.some(({ doubt }) => doubt !== null),
    );
    const sharp = window.devicePixelRatio;
    Object.assign(canvas.current, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
    Object.assign(canvas.current.style, { width: `${width}px`, height: `${height}px` });
    context.setTransform(sharp, 0, 0, sharp, 0, 0);
    drawStrip(context, height, slices, lanes, colours());
  }, [slices, lanes, height]);
  return canvas;
}

function colours(): StripColours {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    row: token('--surface-2'),
    empty: token('--bg'),
    active: token('--surface-3'),
    asked: token('--accent'),
    remark: token('--warn'),
  };
}
