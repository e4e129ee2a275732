import { Copy, Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';

import { explain } from '../../api';
import type { Identity, KnownPatient } from '../../api';
import { Button, IconButton, toast } from '../../ui';
import { PartitionBadge } from '../PartitionBadge';
import { useLook } from './queries';

/** One patient; who it is shows only after a click, which is recorded. */
export function KnownPatientRow({ patient }: { patient: KnownPatient }) {
  const [shown, setShown] = useState<readonly Identity[]>();
  const look = useLook();
  const show = () =>
    look.mutate(patient.id, {
      onSuccess: setShown,
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  const hide = () => {
    setShown(undefined);
    look.reset();
  };
  return (
    <li className="known-patient">
      <strong>{patient.pseudonym}</strong>
      <PartitionBadge partition={patient.partition} />
      <div className="known-patient-who">
        {shown === undefined ? (
          <span className="faint">{patient.identities === 0 ? 'the files named nobody' : '••••••••'}</span>
        ) : (
          shown.map((identity, n) => <Who key={n} identity={identity} />)
        )}
      </div>
      {patient.identities > 0 &&
        (shown === undefined ? (
          <Button size="small" icon={<Eye size={14} />} busy={look.isPending} onClick={show}>
            Show
          </Button>
        ) : (
          <Button size="small" icon={<EyeOff size={14} />} onClick={hide}>
            Hide
          </Button>
        ))}
    </li>
  );
}

function Who({ identity }: { identity: Identity }) {
  const { identifier, issuer, name, birth_date: born } = identity;
  const copy = () =>
    navigator.clipboard.writeText(identifier).then(
      () => toast.good('Copied the identifier.'),
      () => toast.bad('The browser does not let this page copy.'),
    );
  return (
    <div className="known-patient-identity">
      <span className="known-patient-identifier">
        <code>{identifier === '' ? 'no identifier' : identifier}</code>
        {identifier !== '' && (
          <IconButton label="Copy the identifier" onClick={() => void copy()}>
            <Copy size={12} />
          </IconButton>
        )}
      </span>
      <span>{personName(name)}</span>
      <span className="muted">
        {[born && `born ${born}`, issuer && `from ${issuer}`].filter(Boolean).join(', ')}
      </span>
    </div>
  );
}

/** A DICOM person name as people write it: `Doe^Jane^Maria^Dr.` is `Doe, Jane Maria Dr.`. */
export function personName(written: string): string {
  const [family = '', ...rest] = (written.split('=')[0] ?? '').split('^').map((part) => part.trim());
  return [family, rest.filter(Boolean).join(' ')].filter(Boolean).join(', ');
}
