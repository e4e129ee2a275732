import { UserRoundSearch } from 'lucide-react';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';

import type { PatientDetail } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Button, ErrorState, moment, Notice, PageHeader, Skeleton, Tabs } from '../ui';
import { AssignDialog } from './AssignDialog';
import { DuplicateOffers } from './identities/DuplicateOffers';
import { PartitionBadge } from './PartitionBadge';
import './patient.css';
import { usePatient } from './queries';
import { personWords } from './StudiesPage';
import { StudySection } from './StudySection';

/** One patient: what came from the scanner, and what is drawn on. */
export function PatientPage() {
  const { patientId } = useParams();
  const patient = usePatient(Number(patientId));
  if (patient.isError) return <ErrorState error={patient.error} retry={() => void patient.refetch()} />;
  if (patient.isPending) {
    return (
      <div className="page">
        <Skeleton height={52} width={320} />
        <Skeleton height={320} />
        <Skeleton height={240} />
      </div>
    );
  }
  return <Shown patient={patient.data} />;
}

function Shown({ patient }: { patient: PatientDetail }) {
  const project = useCurrentProject();
  const navigate = useNavigate();
  const [assigning, setAssigning] = useState(false);
  const unassigned = patient.partition === null;
  return (
    <div className="page">
      <PageHeader
        above={<Link to={`/projects/${project.slug}/studies`}>Studies</Link>}
        title={
          <span className="patient-title">
            {patient.pseudonym} <PartitionBadge partition={patient.partition} />
          </span>
        }
        lead={`${personWords(patient)} · imported ${moment(patient.created_at)}`}
        actions={
          <>
            {can(project, 'view_identities') && (
              <Button
                icon={<UserRoundSearch size={16} />}
                onClick={() =>
                  void navigate(`/projects/${project.slug}/identities?pseudonym=${patient.pseudonym}`)
                }
              >
                Identity
              </Button>
            )}
            {unassigned && can(project, 'manage_cases') && (
              <Button kind="primary" onClick={() => setAssigning(true)}>
                Assign to pool or benchmark
              </Button>
            )}
          </>
        }
      />
      <DuplicateOffers patientId={patient.id} />
      <Visits patient={patient} />
      <AssignDialog
        slug={project.slug}
        patients={assigning ? [patient] : []}
        onClose={() => setAssigning(false)}
      />
    </div>
  );
}

/** One visit is shown at a time. */
function Visits({ patient }: { patient: PatientDetail }) {
  const [search, setSearch] = useSearchParams();
  const chosen = patient.studies.find(({ id }) => String(id) === search.get('study')) ?? patient.studies[0];
  if (chosen === undefined) return <Notice>No study of this patient is here.</Notice>;
  const shown = <StudySection study={chosen} locked={patient.partition === 'BENCHMARK'} />;
  if (patient.studies.length === 1) return shown;
  const tabs = patient.studies.map((study, n) => ({
    value: String(study.id),
    label: `Visit ${n + 1}, ${study.study_date ?? 'no date'}`,
  }));
  return (
    <Tabs
      label="Visits"
      tabs={tabs}
      value={String(chosen.id)}
      onChange={(id) => setSearch({ study: id }, { replace: true })}
    >
      <div className="visit">{shown}</div>
    </Tabs>
  );
}
