import { Waypoints } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../../api';
import type { Registration, Volume } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import { ago, Badge, Button, Card, EmptyState, ErrorState, Notice, Progress, Skeleton } from '../../ui';
import { BeforeAfter } from './BeforeAfter';
import { MovementTable } from './MovementTable';
import './phases.css';
import type { RegistrationAct } from './queries';
import { underWay, useRegister, useRegistrationAct, useRegistrations } from './queries';

const METHODS: Record<Registration['method'], string> = { rigid: 'Rigid', deformable: 'Deformable' };

/** Moving the phases onto the first one: start, look at before and after, and put to use or not. */
export function RegistrationPanel({ volume }: { volume: Volume }) {
  const registrations = useRegistrations(volume.id);
  const used = registrations.data?.find((row) => row.in_use);
  return (
    <Card
      title="Registration to the first phase"
      actions={used && <Badge tone="accent">{METHODS[used.method]} in use</Badge>}
    >
      {registrations.isError && (
        <ErrorState error={registrations.error} retry={() => void registrations.refetch()} />
      )}
      {registrations.isPending && <Skeleton height={120} />}
      {registrations.data && <Runs volume={volume} rows={registrations.data} />}
    </Card>
  );
}

function Runs({ volume, rows }: { volume: Volume; rows: readonly Registration[] }) {
  if (volume.phases.length < 2) {
    return <EmptyState title="One phase">There is nothing to move onto the first phase.</EmptyState>;
  }
  const free = !rows.some((row) => row.in_use || underWay(row.state));
  return (
    <>
      {rows.length === 0 && (
        <EmptyState icon={<Waypoints size={24} />} title="The phases are as the scanner took them">
          Where the patient moved between phases, differences show edges that are none. A registration moves
          the later phases onto the first; nothing changes until it is put to use.
        </EmptyState>
      )}
      {free && <Starting volume={volume} />}
      {rows.map((row, place) => (
        <Run key={row.id} volume={volume} row={row} open={place === 0 || row.in_use} />
      ))}
    </>
  );
}

function Starting({ volume }: { volume: Volume }) {
  const register = useRegister(volume.id);
  if (!can(useCurrentProject(), 'manage_cases')) return null;
  return (
    <div className="registration-start">
      <Button busy={register.isPending} onClick={() => register.mutate('rigid')}>
        Register rigidly
      </Button>
      <Button busy={register.isPending} onClick={() => register.mutate('deformable')}>
        Register with deformation
      </Button>
      <span className="muted">
        Rigid turns and shifts. Deformation also bends, which can make an enhancing lesion smaller: compare
        before you use it.
      </span>
      {register.error && <Notice tone="bad">{explain(register.error).title}</Notice>}
    </div>
  );
}

interface RunProps {
  volume: Volume;
  row: Registration;
  open: boolean;
}

function Run({ volume, row, open }: RunProps) {
  const title = `${METHODS[row.method]} · ${ago(row.created_at)}${row.started_by === null ? '' : ` by ${row.started_by}`}`;
  if (underWay(row.state)) return <Running volume={volume} row={row} title={title} />;
  if (row.state !== 'ready') {
    return (
      <Notice tone={row.state === 'failed' ? 'bad' : 'info'}>
        {title}: {row.message}
      </Notice>
    );
  }
  return (
    <details className="registration" open={open}>
      <summary>
        {title} {row.in_use && <Badge tone="accent">in use</Badge>}
      </summary>
      <Result volume={volume} row={row} />
    </details>
  );
}

function Running({ volume, row, title }: { volume: Volume; row: Registration; title: string }) {
  const act = useRegistrationAct(volume.id);
  const manages = can(useCurrentProject(), 'manage_cases');
  return (
    <div className="registration-running">
      <Progress
        label="Registration"
        fraction={row.state === 'waiting' ? null : row.progress}
        message={row.state === 'waiting' ? `${title}: waiting for a worker` : title}
        secondsLeft={row.seconds_left}
      />
      {manages && (
        <Button size="small" busy={act.isPending} onClick={() => act.mutate({ id: row.id, act: 'cancel' })}>
          Cancel
        </Button>
      )}
    </div>
  );
}

function Result({ volume, row }: { volume: Volume; row: Registration }) {
  const [shown, setShown] = useState(row.report[0]?.index ?? 0);
  const manages = can(useCurrentProject(), 'manage_cases');
  const movement = row.report.find((entry) => entry.index === shown);
  return (
    <div className="registration-result">
      <MovementTable movements={row.report} shown={shown} onShow={setShown} />
      {movement && <p>{movement.words}</p>}
      {movement && <BeforeAfter key={movement.index} movement={movement} />}
      {manages && <Using volume={volume} row={row} />}
    </div>
  );
}

/** The manager's choice: whether the moved phases take the place of the original ones. */
function Using({ volume, row }: { volume: Volume; row: Registration }) {
  const act = useRegistrationAct(volume.id);
  const click = (name: RegistrationAct) => act.mutate({ id: row.id, act: name });
  if (!row.in_use && row.unusable !== '') return <Notice>{row.unusable}</Notice>;
  return (
    <div className="registration-start">
      {act.error && <Notice tone="bad">{explain(act.error).title}</Notice>}
      {row.in_use ? (
        <Button busy={act.isPending} onClick={() => click('stop')}>
          Stop using it
        </Button>
      ) : (
        <Button kind="primary" busy={act.isPending} onClick={() => click('use')}>
          Use the moved phases
        </Button>
      )}
      <span className="muted">
        {row.in_use
          ? 'The original phases get their place back.'
          : 'They take the place of the original ones in the viewer, in drafts and in datasets. The originals are kept.'}
      </span>
    </div>
  );
}
