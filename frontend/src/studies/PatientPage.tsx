import { useState } from 'react';
import { Link, useParams } from 'react-router';

import type { PatientDetail, Study } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Button, Card, ErrorState, moment, PageHeader, Skeleton, Table } from '../ui';
import { AssignDialog } from './AssignDialog';
import { DuplicateOffers } from './identities/DuplicateOffers';
import { PartitionBadge } from './PartitionBadge';
import './patient.css';
import { usePatient } from './queries';
import { personWords } from './StudiesPage';
import { VolumeCard } from './VolumeCard';

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
          unassigned &&
          can(project, 'manage_cases') && (
            <Button kind="primary" onClick={() => setAssigning(true)}>
              Assign to pool or benchmark
            </Button>
          )
        }
      />
      <DuplicateOffers patientId={patient.id} />
      {patient.studies.map((study) => (
        <StudySection key={study.id} study={study} locked={patient.partition === 'BENCHMARK'} />
      ))}
      <AssignDialog
        slug={project.slug}
        patients={assigning ? [patient] : []}
        onClose={() => setAssigning(false)}
      />
    </div>
  );
}

function StudySection({ study, locked }: { study: Study; locked: boolean }) {
  return (
    <>
      <h2 className="study-title">
        {study.description || 'Study'}
        <span className="muted">{study.study_date ?? 'no date'} (shifted)</span>
      </h2>
      {study.volumes.map((volume) => (
        <VolumeCard key={volume.id} volume={volume} locked={locked} />
      ))}
      <Card title="Series as they came" flush>
        <Table
          label="Series"
          rows={study.series}
          rowKey={(series) => series.id}
          columns={[
            {
              key: 'number',
              title: 'No.',
              width: 64,
              align: 'right',
              cell: (series) => series.number ?? '–',
            },
            { key: 'modality', title: 'Modality', width: 96, cell: (series) => series.modality },
            { key: 'description', title: 'Description', cell: (series) => series.description || '–' },
            {
              key: 'instances',
              title: 'Files',
              width: 72,
              align: 'right',
              cell: (series) => series.instances,
            },
            {
              key: 'kind',
              title: 'Became',
              width: '34%',
              cell: (series) => <span className="muted">{series.kind}</span>,
            },
          ]}
        />
      </Card>
    </>
  );
}
