import type { Remark } from '../api';
import { PLANES } from '../viewer';
import type { PaneSpec, PlaneName, Vec3 } from '../viewer';
import type { Desk } from './desk';
import { useDeskState } from './useDesk';

interface MarksProps {
  spec: PaneSpec;
  desk: Desk;
  remarks: readonly Remark[];
}

/** What follows the camera over a picture: lines of the other planes, pins of remarks, the scale. */
export function PaneMarks({ spec, desk, remarks }: MarksProps) {
  useDeskState(desk, (state) => state.drawn);
  const slices = useDeskState(desk, (state) => state.slices);
  const lines = useDeskState(desk, (state) => state.lines && state.largest === null);
  const box = desk.viewer.paneElement(spec.id)?.getBoundingClientRect();
  if (!box || box.width === 0) return null;
  return (
    <svg className="pane-marks" width={box.width} height={box.height} aria-hidden="true">
      {lines && <Crossing spec={spec} desk={desk} centre={centreOf(desk, slices)} box={box} />}
      {remarks.map((remark, n) => (
        <Pin key={`${remark.z}-${n}`} spec={spec} desk={desk} remark={remark} number={n + 1} />
      ))}
      <Scale spec={spec} desk={desk} box={box} />
    </svg>
  );
}

function centreOf(desk: Desk, slices: Record<PlaneName, number>): Vec3 {
  const centre: Vec3 = [0, 0, 0];
  for (const name of PLANES) centre[desk.viewer.planes[name].axis] = slices[name];
  return centre;
}

interface CrossingProps {
  spec: PaneSpec;
  desk: Desk;
  centre: Vec3;
  box: DOMRect;
}

const GAP_PX = 24;

/** Where other panes' planes cut this one; open in the middle, so that they hide nothing. */
function Crossing({ spec, desk, centre, box }: CrossingProps) {
  const { shownPlanes, planes } = desk.viewer;
  const [x, y] = desk.viewer.canvasPoint(spec.id, centre);
  const paths = shownPlanes
    .filter((plane) => plane !== spec.plane)
    .map((plane) => {
      // The other plane's slices follow each other along one axis; its line runs across that axis.
      const along: Vec3 = [...centre];
      along[planes[plane].axis] += 1;
      const [nextX] = desk.viewer.canvasPoint(spec.id, along);
      const upright = Math.abs(nextX - x) > 1e-3;
      return upright
        ? `M${x} 0V${y - GAP_PX}M${x} ${y + GAP_PX}V${box.height}`
        : `M0 ${y}H${x - GAP_PX}M${x + GAP_PX} ${y}H${box.width}`;
    });
  if (paths.length === 0) return null;
  return (
    <g className="pane-crossing" data-testid={`crossing-${spec.id}`}>
      <path d={paths.join('')} />
    </g>
  );
}

interface PinProps {
  spec: PaneSpec;
  desk: Desk;
  remark: Remark;
  number: number;
}

function Pin({ spec, desk, remark, number }: PinProps) {
  const { id, plane } = spec;
  const slice = desk.viewer.slice(id);
  if (remark.y === null || remark.x === null) return null;
  const zyx: Vec3 = [remark.z, remark.y, remark.x];
  if (zyx[desk.viewer.planes[plane].axis] !== slice) return null;
  const [x, y] = desk.viewer.canvasPoint(id, zyx);
  return (
    <g className="pane-pin" transform={`translate(${x} ${y})`}>
      <circle r="13" />
      <text y="-18">{number}</text>
    </g>
  );
}

const BARS_MM = [5, 10, 20, 50, 100] as const;

function Scale({ spec, desk, box }: { spec: PaneSpec; desk: Desk; box: DOMRect }) {
  const pixelsPerMm = desk.viewer.pixelsPerMm(spec.id);
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
