import { Lock } from 'lucide-react';
import { useNavigate } from 'react-router';

import type { Series, Volume } from '../api';
import { Badge, Button, Card, Thumb } from '../ui';
import { Geometry } from './Geometry';
import { VolumePanels } from './VolumePanels';

/** What the projection is of, as the server makes it. */
function projectionWords(volume: Volume): string {
  return volume.is_dce && volume.phases.length > 1 ? 'Last − first' : 'Projection';
}

function Picture({ src, of, caption }: { src: string; of: Volume; caption: string }) {
  return (
    <figure>
      <Thumb src={src} alt={`${caption} of ${of.name}`} />
      <figcaption>{caption}</figcaption>
    </figure>
  );
}

interface VolumeCardProps {
  volume: Volume;
  /** The series of its study. */
  series: readonly Series[];
  /** The patient is in the benchmark. */
  locked: boolean;
}

/** One grid with its phases: picture, geometry, and the order of the phases with its reason. */
export function VolumeCard({ volume, series, locked }: VolumeCardProps) {
  const navigate = useNavigate();
  const task = volume.task_id;
  const action =
    task === null ? (
      <span className="faint">No case yet</span>
    ) : (
      <Button size="small" onClick={() => void navigate(`/tasks/${task}`)}>
        Open the case
      </Button>
    );
  const title = (
    <span className="volume-title">
      {locked && <Lock size={14} aria-label="In the locked benchmark" />}
      {volume.name}
      {volume.is_dce && <Badge tone="accent">DCE</Badge>}
    </span>
  );
  return (
    <Card title={title} actions={action} flush>
      <div className="volume">
        <div className="volume-side">
          <div className="volume-pictures">
            <Picture src={volume.thumbnail} of={volume} caption="Middle slice" />
            {volume.projection !== null && (
              <Picture src={volume.projection} of={volume} caption={projectionWords(volume)} />
            )}
          </div>
          <Geometry volume={volume} series={series.find(({ id }) => id === volume.phases[0]?.series_id)} />
        </div>
        <VolumePanels volume={volume} />
      </div>
    </Card>
  );
}
