import { useState } from 'react';

import { explain } from '../../api';
import type { Derived, Volume } from '../../api';
import { Button, Card, EmptyState, ErrorState, Notice, Select, Skeleton, Spinner } from '../../ui';
import './phases.css';
import { underWay, useDerive, useDerived } from './queries';

const PLANES = [
  { value: 'axial', label: 'Axial' },
  { value: 'coronal', label: 'Coronal' },
  { value: 'sagittal', label: 'Sagittal' },
];

/** Maximum intensity projections of phases, differences, enhancement and wash-out; each is made when asked for. */
export function DerivedPictures({ volume }: { volume: Volume }) {
  const derived = useDerived(volume.id);
  const [plane, setPlane] = useState('axial');
  const choice = <Select label="Plane" options={PLANES} value={plane} onChange={setPlane} />;
  return (
    <Card title="Projections and derived pictures" actions={choice}>
      {derived.isError && <ErrorState error={derived.error} retry={() => void derived.refetch()} />}
      {derived.isPending && <Skeleton height={180} />}
      {derived.data?.length === 0 && (
        <EmptyState title="Nothing can be derived">This volume has no phases.</EmptyState>
      )}
      {derived.data && derived.data.length > 0 && (
        <ul className="derived" aria-label={`Derived pictures of ${volume.name}`}>
          {derived.data.map((channel) => (
            <Picture key={channel.key} volume={volume} channel={channel} plane={plane} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Picture({ volume, channel, plane }: { volume: Volume; channel: Derived; plane: string }) {
  const name =
    channel.unit === '' || channel.unit === '%' ? channel.name : `${channel.name}, ${channel.unit}`;
  return (
    <li>
      <figure>
        <div className="derived-picture">
          <Content volume={volume} channel={channel} plane={plane} />
        </div>
        <figcaption>{name}</figcaption>
      </figure>
      {channel.remark !== '' && <p className="muted derived-remark">{channel.remark}</p>}
    </li>
  );
}

function Content({ volume, channel, plane }: { volume: Volume; channel: Derived; plane: string }) {
  const derive = useDerive(volume.id);
  const src = channel.projections[plane];
  if (channel.state === 'ready' && src !== undefined) {
    return <img src={src} alt={`${channel.name}, ${plane} projection`} loading="lazy" decoding="async" />;
  }
  if (underWay(channel.state) || derive.isPending) {
    return (
      <span className="derived-wait" role="status">
        <Spinner size={18} /> Being made
      </span>
    );
  }
  const failure = derive.error === null ? channel.message : explain(derive.error).title;
  return (
    <>
      {failure !== '' && <Notice tone="bad">{failure}</Notice>}
      <Button size="small" aria-label={`Make ${channel.name}`} onClick={() => derive.mutate(channel.key)}>
        {failure === '' ? 'Make' : 'Try again'}
      </Button>
    </>
  );
}
