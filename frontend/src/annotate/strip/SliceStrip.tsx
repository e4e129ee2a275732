import { useMemo, useState } from 'react';
import type { PointerEvent } from 'react';

import type { Remark } from '../../api';
import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';
import { factsOf } from './facts';
import { type Lane, laneWidth, sliceAt, stripWidth, ASKED_WIDTH } from './picture';
import './slice-strip.css';
import type { SliceFacts } from './slices';
import { SliceTip } from './SliceTip';
import { useStripPicture } from './useStripPicture';

interface StripProps {
  desk: Desk;
  remarks: readonly Remark[];
}

/** All slices from the first down to the last: labels by area, doubt, remarks, and which one is shown. Drag to move. */
export function SliceStrip({ desk, remarks }: StripProps) {
  const plane = desk.viewer.mainPlane;
  const count = desk.viewer.sliceCount(plane);
  const slice = useDeskState(desk, (state) => state.slices[plane]);
  const slices = useSliceFacts(desk, remarks);
  const lanes = useLanes(desk);
  const picture = useStripPicture(slices, lanes);
  const [pointed, setPointed] = useState<number | null>(null);
  const width = stripWidth(
    lanes.length,
    slices.some(({ doubt }) => doubt !== null),
  );
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const under = sliceAt(event.clientY - box.top, box.height, count);
    setPointed(under);
    if (event.buttons === 1) desk.setSlice(under);
  };
  return (
    <div className="slice-strip" style={{ width }}>
      <LaneHeads lanes={lanes} />
      <div
        className="slice-strip-slices"
        role="slider"
        tabIndex={0}
        data-testid="slice-strip"
        aria-label="Slice"
        aria-orientation="vertical"
        aria-valuemin={1}
        aria-valuemax={count}
        aria-valuenow={slice + 1}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          move(event);
        }}
        onPointerMove={move}
        onPointerLeave={() => setPointed(null)}
        onKeyDown={({ key }) => {
          const steps = STEPS[key];
          if (steps !== undefined) desk.setSlice(slice + steps);
        }}
      >
        <canvas ref={picture} />
        <span
          className="slice-thumb"
          style={{ top: `${(slice / count) * 100}%`, height: `max(5px, ${100 / count}%)` }}
        />
      </div>
      {pointed !== null && slices[pointed] !== undefined && (
        <SliceTip desk={desk} z={pointed} slice={slices[pointed]} top={(pointed + 0.5) / count} />
      )}
    </div>
  );
}

/** What keys do while the strip has the focus; Home and End are far enough for any volume. */
const STEPS: Record<string, number> = {
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
  PageDown: 10,
  PageUp: -10,
  Home: -100_000,
  End: 100_000,
};

/** The digit of each label over its lane, where lanes are wide enough to read it. */
function LaneHeads({ lanes }: { lanes: readonly Lane[] }) {
  const width = laneWidth(lanes.length);
  return (
    <div className="slice-strip-heads" style={{ paddingLeft: ASKED_WIDTH }} aria-hidden="true">
      {width >= 7 &&
        lanes.map(({ value, colour, hidden }) => (
          <span key={value} style={{ width, color: colour, opacity: hidden ? 0.35 : 1 }}>
            {value}
          </span>
        ))}
    </div>
  );
}

function useSliceFacts(desk: Desk, remarks: readonly Remark[]): readonly SliceFacts[] {
  const labelsBySlice = useDeskState(desk, (state) => state.labelsBySlice);
  const doubt = useDeskState(desk, (state) => state.doubt);
  const asked = useDeskState(desk, (state) => state.asked);
  return useMemo(
    () => factsOf(desk, { labelsBySlice, doubt, asked, remarks }),
    [desk, labelsBySlice, doubt, asked, remarks],
  );
}

function useLanes(desk: Desk): readonly Lane[] {
  const hidden = useDeskState(desk, (state) => state.hidden);
  const chosen = useDeskState(desk, (state) => state.label);
  return useMemo(
    () =>
      desk.labels.map(({ value, colour }) => ({
        value,
        colour,
        hidden: hidden.has(value),
        active: value === chosen,
      })),
    [desk, hidden, chosen],
  );
}
