import { FileText } from 'lucide-react';

import type { Study } from '../api';
import { Card, EmptyState, moment } from '../ui';
import { ReportLines } from './ReportLines';
import { SeriesTable } from './SeriesTable';
import { VolumeCard } from './VolumeCard';

interface StudySectionProps {
  study: Study;
  /** The patient is in the benchmark. */
  locked: boolean;
}

/** The date of a visit, which is moved by a number of days that is the patient's own. */
export function visitWords(study: Study): string {
  return study.study_date === null ? 'no date' : `${study.study_date} (date moved)`;
}

/** One visit: what is drawn on, the series that it came as, and what its import said. */
export function StudySection({ study, locked }: StudySectionProps) {
  return (
    <>
      <h2 className="study-title">
        {study.description || 'Study'}
        <span className="muted">
          {visitWords(study)} · imported {moment(study.created_at)}
        </span>
      </h2>
      {study.volumes.length === 0 && (
        <Card>
          <EmptyState icon={<FileText size={24} />} title="Nothing to draw on">
            No series of this study is a volume of its own. The table below says why.
          </EmptyState>
        </Card>
      )}
      {study.volumes.map((volume) => (
        <VolumeCard key={volume.id} volume={volume} series={study.series} locked={locked} />
      ))}
      <SeriesTable series={study.series} />
      {study.report.length > 0 && (
        <Card title="What the import said" flush>
          <ReportLines label="Import report" lines={study.report} ofOne />
        </Card>
      )}
    </>
  );
}
