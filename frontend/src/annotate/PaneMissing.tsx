import type { PaneSpec } from '../viewer';
import type { Desk } from './desk';
import { missingAreas, roomiest } from './missing';
import { useDeskState } from './useDesk';

interface MissingProps {
  spec: PaneSpec;
  desk: Desk;
}

/** Hatches what has not arrived: the slice of the main plane, or the bands of others that run across slices. */
export function PaneMissing({ spec, desk }: MissingProps) {
  useDeskState(desk, (state) => state.drawn);
  useDeskState(desk, (state) => state.looked);
  const { failed } = useDeskState(desk, (state) => state.loading);
  const { viewer } = desk;
  const { id, plane } = spec;
  const { axis } = viewer.planes[plane];
  const missing = missingAreas(viewer.missingIn(id), viewer.grid.shapeZyx, axis, viewer.slice(id));
  const box = viewer.paneElement(id)?.getBoundingClientRect();
  if (missing.length === 0 || !box) return null;
  const areas = missing.map((corners) => corners.map((zyx) => viewer.canvasPoint(id, zyx)));
  const [x, y] = roomiest(areas);
  const pattern = `missing-${id}`;
  return (
    <svg className="pane-missing" width={box.width} height={box.height} role="img" aria-label="Still loading">
      <pattern
        id={pattern}
        width="12"
        height="12"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="12" height="12" className="pane-missing-ground" />
        <rect width="5" height="12" className="pane-missing-stripe" />
      </pattern>
      {areas.map((corners) => (
        <polygon key={corners.join()} fill={`url(#${pattern})`} points={corners.join(' ')} />
      ))}
      <text x={x} y={y}>
        {failed ? 'Did not arrive' : 'Loading…'}
      </text>
    </svg>
  );
}
