import { ChevronDown, Maximize2, Minimize2 } from 'lucide-react';

import { IconButton, PickMenu, type PickGroup } from '../ui';
import { PLANES } from '../viewer';
import type { PaneSpec, PlaneName, Projection } from '../viewer';
import type { Desk } from './desk';
import { hintOf } from './keys';
import { derivedPicks, phasePicks, sourceName } from './sourceNames';
import { useDeskState } from './useDesk';

export const PLANE_NAMES: Record<PlaneName, string> = {
  axial: 'Axial',
  sagittal: 'Sagittal',
  coronal: 'Coronal',
};

/** What a pane shows, to be changed there: its plane, its source, and its size. */
export function PaneHead({ spec, desk }: { spec: PaneSpec; desk: Desk }) {
  const several = useDeskState(desk, ({ panes }) => panes.length > 1);
  const large = useDeskState(desk, ({ largest }) => largest === spec.id);
  return (
    <div className="pane-head">
      <PlaneMenu spec={spec} desk={desk} />
      <SourceMenu spec={spec} desk={desk} />
      {several && (
        <IconButton
          label={large ? 'Back to all panes' : 'This pane alone'}
          hint={hintOf('largest')}
          className="pane-enlarge"
          onClick={() => desk.looking.toggleLargest(spec.id)}
        >
          {large ? <Minimize2 size={13} /> : <Maximize2 size={13} />}
        </IconButton>
      )}
    </div>
  );
}

function PlaneMenu({ spec, desk }: { spec: PaneSpec; desk: Desk }) {
  return (
    <PickMenu
      label={`Plane of the pane: ${PLANE_NAMES[spec.plane]}`}
      testId={`plane-menu-${spec.id}`}
      trigger={
        <>
          <strong>{PLANE_NAMES[spec.plane]}</strong>
          <ChevronDown size={12} />
        </>
      }
      groups={[
        {
          title: 'Plane',
          value: spec.plane,
          picks: PLANES.map((plane) => ({ value: plane, label: PLANE_NAMES[plane] })),
          onPick: (plane) => void desk.looking.changePane(spec.id, { plane: plane as PlaneName }),
        },
      ]}
    />
  );
}

const CHOSEN = 'chosen';
const SLABS: readonly { value: string; label: string; projection: Projection | null }[] = [
  { value: 'slice', label: 'Slices', projection: null },
  { value: 'mip-10', label: 'Brightest of 10 mm', projection: { slabMm: 10 } },
  { value: 'mip-30', label: 'Brightest of 30 mm', projection: { slabMm: 30 } },
  { value: 'mip', label: 'Brightest of everything (MIP)', projection: { slabMm: null } },
];

function SourceMenu({ spec, desk }: { spec: PaneSpec; desk: Desk }) {
  const derived = useDeskState(desk, (state) => state.derived) ?? [];
  const phase = useDeskState(desk, (state) => state.phase);
  const { is_dce: isDce } = desk.volume;
  const name = sourceName(spec.source ?? `phase${phase}`, isDce);
  const slab = SLABS.find(({ projection }) => projection?.slabMm === spec.projection?.slabMm);
  const common = {
    value: spec.source ?? CHOSEN,
    onPick: (value: string) =>
      void desk.looking.changePane(spec.id, { source: value === CHOSEN ? null : value }),
  };
  const groups: PickGroup[] = [
    { ...common, title: 'Source', picks: [{ value: CHOSEN, label: 'The chosen phase' }] },
    { ...common, title: 'Phases', picks: phasePicks(desk.volume) },
    { ...common, title: 'Derived', picks: derivedPicks(derived, isDce) },
    {
      title: 'Depth',
      value: slab?.value ?? 'slice',
      picks: SLABS,
      onPick: (value) => {
        const projection = SLABS.find((one) => one.value === value)?.projection ?? null;
        void desk.looking.changePane(spec.id, { projection });
      },
    },
  ];
  return (
    <PickMenu
      label={`Source of the pane: ${name}`}
      testId={`source-menu-${spec.id}`}
      trigger={
        <>
          <span className="pane-source">
            {name}
            {spec.projection !== null && ` MIP${depthOf(spec.projection)}`}
          </span>
          <ChevronDown size={12} />
        </>
      }
      groups={groups}
    />
  );
}

function depthOf({ slabMm }: Projection): string {
  return slabMm === null ? '' : ` ${slabMm} mm`;
}
