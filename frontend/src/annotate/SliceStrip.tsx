import { useEffect, useRef } from 'react';
import type { PointerEvent } from 'react';

import type { Desk } from './desk';
import './slice-strip.css';
import { useDeskState } from './useDesk';

/** All slices from the first down to the last: which labels each holds, and which one is shown. Drag to move. */
export function SliceStrip({ desk }: { desk: Desk }) {
  const plane = desk.viewer.mainPlane;
  const count = desk.viewer.sliceCount(plane);
  const slice = useDeskState(desk, (state) => state.slices[plane]);
  const canvas = useLabelPicture(desk, count);
  const go = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    desk.setSlice(Math.floor(((event.clientY - box.top) / box.height) * count));
  };
  return (
    <div
      className="slice-strip"
      role="slider"
      tabIndex={0}
      aria-label="Slice"
      aria-orientation="vertical"
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={slice + 1}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && go(event)}
    >
      <canvas ref={canvas} width={12} height={count} />
      <span className="slice-thumb" style={{ top: `${((slice + 0.5) / count) * 100}%` }} />
    </div>
  );
}

/** One row of pixels for each slice, shared among the colours of its labels. */
function useLabelPicture(desk: Desk, count: number) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const labelsBySlice = useDeskState(desk, (state) => state.labelsBySlice);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.clearRect(0, 0, 12, count);
    labelsBySlice.forEach((values, z) => {
      const width = 12 / Math.max(values.length, 1);
      values.forEach((value, n) => {
        context.fillStyle = desk.labels.find((label) => label.value === value)?.colour ?? 'transparent';
        context.fillRect(n * width, z, width, 1);
      });
    });
  }, [desk, labelsBySlice, count]);
  return canvas;
}
