import type { Remark } from '../api';
import { PLANES } from '../viewer';
import type { PlaneName, Vec3 } from '../viewer';
import type { Desk } from './desk';
import { useDeskState } from './useDesk';

interface MarksProps {
  plane: PlaneName;
  desk: Desk;
  remarks: readonly Remark[];
}

/** What follows the camera over a picture: lines of the other planes, pins of remarks, the scale. */
export function PaneMarks({ plane, desk, remarks }: MarksProps) {
  useDeskState(desk, (state) => state.drawn);
  const slices = useDeskState(desk, (state) => state.slices);
  const box = desk.viewer.paneElement(plane)?.getBoundingClientRect();
  if (!box || box.width === 0) return null;
  const centre = centreOf(desk, slices);
  return (
    <svg className="pane-marks" width={box.width} height={box.height} aria-hidden="true">
      {desk.viewer.shownPlanes.length > 1 && <Crossing plane={plane} desk={desk} centre={centre} box={box} />}
      {remarks.map((remark, n) => (
        <Pin key={`${remark.z}-${n}`} plane={plane} desk={desk} remark={remark} number={n + 1} />
      ))}
      <Scale plane={plane} desk={desk} box={box} />
    </svg>
  );
}

function centreOf(desk: Desk, slices: Record<PlaneName, number>): Vec3 {
  const centre: Vec3 = [0, 0, 0];
  for (const name of PLANES) centre[desk.viewer.planes[name].axis] = slices[name];
  return centre;
}

/** Where the other planes cut this one; open in the middle, so that they hide nothing. */
function Crossing({
  plane,
  desk,
  centre,
  box,
}: {
  plane: PlaneName;
  desk: Desk;
  centre: Vec3;
  box: DOMRect;
}) {
  const [x, y] = desk.viewer.canvasPoint(plane, centre);
  const gap = 24;
  return (
    <g className="pane-crossing">
      <path
        d={`M0 ${y}H${x - gap}M${x + gap} ${y}H${box.width}M${x} 0V${y - gap}M${x} ${y + gap}V${box.height}`}
      />
    </g>
  );
}

interface PinProps {
  plane: PlaneName;
  desk: Desk;
  remark: Remark;
  number: number;
}

function Pin({ plane, desk, remark, number }: PinProps) {
  const slice = desk.viewer.slice(plane);
  if (remark.y === null || remark.x === null) return null;
  const zyx: Vec3 = [remark.z, remark.y, remark.x];
  if (zyx[desk.viewer.planes[plane].axis] !== slice) return null;
  const [x, y] = desk.viewer.canvasPoint(plane, zyx);
  return (
    <g className="pane-pin" transform={`translate(${x} ${y})`}>
      <circle r="13" />
      <text y="-18">{number}</text>
    </g>
  );
}

const BARS_MM = [5, 10, 20, 50, 100] as const;

function Scale({ plane, desk, box }: { plane: PlaneName; desk: Desk; box: DOMRect }) {
  const pixelsPerMm = desk.viewer.pixelsPerMm(plane);
  const mm = [...BARS_MM].reverse().find((bar) => bar * pixelsPerMm < box.width / 4) ?? BARS_MM[0];
  const width = mm * pixelsPerMm;
  const [right, bottom] = [box.width - 14, box.height - 12];
  return (
    <g className="pane-scale">
      <path d={`M${right - width} ${bottom - 5}V${bottom}H${right}V${bottom - 5}`} />
      <text x={right - width / 2} y={bottom - 8}>
        {mm >= 10 ? `${mm / 10} cm` : `${mm} mm`}
      </text>
    </g>
  );
}
