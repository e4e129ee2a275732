import { ClipboardCheck, ScanLine, Upload, UserRoundSearch } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';

import type { PartitionName, Patient, Project } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  LoadMore,
  PageHeader,
  plural,
  Skeleton,
  Tabs,
  Thumb,
} from '../ui';
import type { Tab } from '../ui';
import { AssignDialog } from './AssignDialog';
import { DuplicateOffers } from './identities/DuplicateOffers';
import { PartitionBadge } from './PartitionBadge';
import './patients.css';
import { usePatients } from './queries';

const TABS: (Tab & { filter: PartitionName | null })[] = [
  { value: 'all', label: 'All patients', filter: null },
  { value: 'pool', label: 'Pool', filter: 'POOL' },
  { value: 'benchmark', label: 'Benchmark', filter: 'BENCHMARK' },
];

/** Who is in the project, and on which side of the wall. */
export function StudiesPage() {
  const project = useCurrentProject();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find(({ value }) => value === search.get('side')) ?? TABS[0];
  const buttons = can(project, 'manage_cases') && (
    <>
      {can(project, 'view_identities') && (
        <Button
          size="large"
          icon={<UserRoundSearch size={16} />}
          onClick={() => void navigate(`/projects/${project.slug}/identities`)}
        >
          Identities
        </Button>
      )}
      <Button
        size="large"
        icon={<ClipboardCheck size={16} />}
        onClick={() => void navigate(`/projects/${project.slug}/checks`)}
      >
        Checks
      </Button>
      <Button
        kind="primary"
        size="large"
        icon={<Upload size={16} />}
        onClick={() => void navigate(`/projects/${project.slug}/imports`)}
      >
        Import studies
      </Button>
    </>
  );
  return (
    <div className="page">
      <PageHeader
        title="Studies"
        lead="Patients under pseudonyms. The pool trains the models; the benchmark judges them."
        actions={buttons}
      />
      <DuplicateOffers />
      <Card flush>
        <Tabs
          label="Patients"
          tabs={TABS}
          value={tab?.value ?? 'all'}
          onChange={(side) => setSearch({ side }, { replace: true })}
        >
          <Patients key={tab?.value} project={project} filter={tab?.filter ?? null} />
        </Tabs>
      </Card>
    </div>
  );
}

function Patients({ project, filter }: { project: Project; filter: PartitionName | null }) {
  const list = usePatients(project.slug, filter);
  const [chosen, setChosen] = useState<readonly Patient[]>([]);
  const mayAssign = can(project, 'manage_cases');
  const waiting = (list.items ?? []).filter((patient) => patient.partition === null);
  if (list.isError && list.items === undefined) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.items?.length === 0) {
    return (
      <EmptyState
        icon={<ScanLine size={24} />}
        title={filter === null ? 'No patient yet' : 'No patient here'}
      >
        {filter === null
          ? 'Import a folder or a zip of DICOM files to begin. Names and dates are taken out on the way in.'
          : 'Patients land here when somebody assigns them.'}
      </EmptyState>
    );
  }
  return (
    <>
      {mayAssign && waiting.length > 0 && (
        <div className="patients-waiting">
          <span>
            {plural(waiting.length, 'patient')} not assigned yet: no case is opened for them until they are.
          </span>
          <Button size="small" onClick={() => setChosen(waiting)}>
            Assign {waiting.length === 1 ? 'it' : 'them'}
          </Button>
        </div>
      )}
      <ul className="patients" aria-label="Patients" aria-busy={list.items === undefined}>
        {list.items === undefined
          ? Array.from({ length: 12 }, (_, n) => <Skeleton key={n} height={248} />)
          : list.items.map((patient) => (
              <li key={patient.id}>
                <PatientCard slug={project.slug} patient={patient} />
              </li>
            ))}
      </ul>
      <LoadMore {...list} />
      <AssignDialog slug={project.slug} patients={chosen} onClose={() => setChosen([])} />
    </>
  );
}

/** Sex and age as far as they are known: `F, 54 y`. */
export function personWords(patient: { sex: string; age_years: number | null }): string {
  const words = [patient.sex, patient.age_years === null ? '' : `${patient.age_years} y`].filter(Boolean);
  return words.length > 0 ? words.join(', ') : 'no sex or age given';
}

function PatientCard({ slug, patient }: { slug: string; patient: Patient }) {
  return (
    <Link to={`/projects/${slug}/patients/${patient.id}`} className="patient">
      <Thumb src={patient.thumbnail} over={patient.projection} />
      <span className="patient-words">
        <strong>{patient.pseudonym}</strong>
        <span className="muted">{personWords(patient)}</span>
        <span className="faint">
          {plural(patient.studies, 'study', 'studies')}, {plural(patient.volumes, 'volume')}
        </span>
        <span>
          <PartitionBadge partition={patient.partition} />
        </span>
      </span>
    </Link>
  );
}
