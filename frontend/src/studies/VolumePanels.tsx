import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Phase, Volume } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Table, Tabs } from '../ui';
import type { Tab } from '../ui';
import { clock } from './clock';
import { FoundMasks } from './masks/FoundMasks';
import { DerivedPictures } from './phases/DerivedPictures';
import { PhaseOrder } from './phases/PhaseOrder';
import { RegistrationPanel } from './phases/RegistrationPanel';

function PhaseTable({ volume }: { volume: Volume }) {
  return (
    <Table
      label={`Phases of ${volume.name}`}
      rows={volume.phases}
      rowKey={(phase: Phase) => phase.index}
      columns={[
        { key: 'index', title: 'Phase', width: 76, align: 'right', cell: (phase) => phase.index },
        { key: 'label', title: 'Name', width: '28%', cell: (phase) => phase.label },
        { key: 'time', title: 'Time', width: 80, align: 'right', cell: (phase) => clock(phase.time_s) },
        { key: 'reason', title: 'Why here', cell: (phase) => <span className="muted">{phase.reason}</span> },
      ]}
    />
  );
}

interface Panel extends Tab {
  content: ReactNode;
}

/** What belongs to a volume, one thing at a time: its phases, what was made of them, and the masks that came with it. */
export function VolumePanels({ volume }: { volume: Volume }) {
  const project = useCurrentProject();
  const [chosen, setChosen] = useState('phases');
  const takesMasks = can(project, 'export') && volume.task_id !== null;
  const several = volume.phases.length > 1;
  const panels: Panel[] = [
    {
      value: 'phases',
      label: 'Phases',
      content: several ? <PhaseOrder volume={volume} /> : <PhaseTable volume={volume} />,
    },
    { value: 'pictures', label: 'Derived pictures', content: <DerivedPictures volume={volume} /> },
  ];
  if (several) {
    const content = <RegistrationPanel volume={volume} />;
    panels.push({ value: 'registration', label: 'Registration', content });
  }
  if (can(project, 'manage_cases') || takesMasks) {
    panels.push({
      value: 'masks',
      label: 'Existing masks',
      count: volume.masks_waiting || undefined,
      content: <FoundMasks volumeId={volume.id} taskId={volume.task_id} />,
    });
  }
  return (
    <div className="volume-panels">
      <Tabs label={`About ${volume.name}`} tabs={panels} value={chosen} onChange={setChosen}>
        {panels.find(({ value }) => value === chosen)?.content}
      </Tabs>
    </div>
  );
}
