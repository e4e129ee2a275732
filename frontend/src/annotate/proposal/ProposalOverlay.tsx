import { useEffect, useMemo, useRef } from 'react';

import { at, type PaneSpec, type Slices, type Vec3 } from '../../viewer';
import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';
import { labelsIn } from './cells';
import { ORIGIN, ORIGIN_COLOURS, originOf } from './origins';
import { edgesOf, planeOf } from './outlines';
import { type Corners, drawOver, type Picture, pictureOf } from './painting';
import { isWaiting, type ProposalState } from './proposal';
import './proposal.css';

interface OverlayProps {
  desk: Desk;
  spec: PaneSpec;
}

/** Over a picture: what the draft holds and the mask does not, hatched; or who drew what is in the mask. */
export function ProposalOverlay({ desk, spec }: OverlayProps) {
  const proposal = useDeskState(desk, (state) => state.proposal);
  if (!proposal?.slices || !(proposal.origins || proposal.open || isWaiting(proposal))) return null;
  return <Overlay desk={desk} spec={spec} proposal={proposal} draft={proposal.slices} />;
}

type Shown = OverlayProps & { proposal: ProposalState; draft: Slices };

function Overlay({ desk, spec, proposal, draft }: Shown) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const index = useDeskState(desk, () => desk.viewer.slice(spec.id));
  const picture = usePicture({ desk, spec, proposal, draft }, index);
  useDeskState(desk, (state) => state.drawn);
  const { axis } = desk.viewer.planes[spec.plane];
  useEffect(() => {
    const point = (zyx: Vec3): [number, number] => desk.viewer.canvasPoint(spec.id, zyx);
    if (canvas.current) drawOver(canvas.current, picture, cornersOf(point, axis, index));
  });
  return (
    <canvas
      ref={canvas}
      className="proposal-overlay"
      data-testid={`proposal-overlay-${spec.plane}`}
      data-voxels={picture.voxels}
      aria-hidden="true"
    />
  );
}

function usePicture({ desk, spec, proposal, draft }: Shown, index: number): Picture {
  const hidden = useDeskState(desk, (state) => state.hidden);
  const counted = useDeskState(desk, (state) => (proposal.origins ? state.labelsBySlice : null));
  const { accepted, origins } = proposal;
  const { axis } = desk.viewer.planes[spec.plane];
  return useMemo(() => {
    const slice = (z: number): ((offset: number) => number) | undefined => {
      const labels = draft.get(z);
      const taken = labelsIn(accepted, z);
      if (origins) {
        const mask = desk.viewer.mask.slice(z);
        return (offset) => originOf(mask[offset] ?? 0, labels?.[offset] ?? 0, taken);
      }
      for (const label of hidden) taken[label] = 1;
      return labels && ((offset) => (taken[labels[offset] ?? 0] === 1 ? 0 : (labels[offset] ?? 0)));
    };
    const shape = desk.viewer.grid.shapeZyx;
    const found = planeOf([at(shape, 0), at(shape, 1), at(shape, 2)], axis, index, slice);
    return pictureOf(found, edgesOf(found), origins ? originColours() : labelColours(desk));
    // `counted` changes with every change of the mask, of which origins are made
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [desk, draft, accepted, origins, hidden, axis, index, counted]);
}

const labelColours = (desk: Desk): ReadonlyMap<number, string> =>
  new Map(desk.labels.map(({ value, colour }) => [value, colour]));

const originColours = (): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(ORIGIN).map(([name, value]) => [value, ORIGIN_COLOURS[name as keyof typeof ORIGIN]]),
  );

/** Where the plane's first voxel lies in the pane, and the next ones along its rows and columns. */
function cornersOf(point: (zyx: Vec3) => [number, number], axis: 0 | 1 | 2, index: number): Corners {
  const [down, right] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
  const voxel = (r: number, c: number): Vec3 => {
    const zyx: [number, number, number] = [0, 0, 0];
    [zyx[axis], zyx[down], zyx[right]] = [index, r, c];
    return zyx;
  };
  return { first: point(voxel(0, 0)), down: point(voxel(1, 0)), right: point(voxel(0, 1)) };
}
