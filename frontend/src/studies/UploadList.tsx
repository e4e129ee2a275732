import { Pause, Play, X } from 'lucide-react';
import type { ReactNode } from 'react';

import { Button, bytes, Card, IconButton, Notice, plural, Progress } from '../ui';
import type { UploadState } from './carrying';
import { isUnderWay, useUploads } from './uploads';
import type { Upload } from './uploads';

/** What is being sent to the server right now, and what did not arrive. */
export function UploadList({ slug }: { slug: string }) {
  const uploads = useUploads((store) => store.uploads);
  return uploads
    .filter((upload) => upload.slug === slug && upload.state !== 'sent')
    .map((upload) => <UploadCard key={upload.id} upload={upload} />);
}

const TITLES: Partial<Record<UploadState, string>> = { paused: 'Paused', cancelled: 'Cancelled' };

function UploadCard({ upload }: { upload: Upload }) {
  const title = `${TITLES[upload.state] ?? 'Sending'}: ${upload.name}`;
  return (
    <Card title={title} actions={<Actions upload={upload} />}>
      <div className="upload">
        {upload.state !== 'cancelled' && (
          <Progress
            label={title}
            fraction={upload.total === 0 ? null : upload.loaded / upload.total}
            secondsLeft={upload.secondsLeft}
            message={progressOf(upload)}
          />
        )}
        <Situation upload={upload} />
      </div>
    </Card>
  );
}

/** How much of it is there, in words: files, bytes and bytes per second. */
export function progressOf(upload: Upload): string {
  if (upload.state === 'listing') return 'Telling the server what will come';
  if (upload.loaded === upload.total) return 'All sent; the server is taking it in';
  const parts = [
    `${upload.filesDone.toLocaleString('en-GB')} of ${plural(upload.files, 'file')}`,
    `${bytes(upload.loaded)} of ${bytes(upload.total)}`,
    upload.rate === null ? '' : `${bytes(upload.rate)}/s`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

function Actions({ upload }: { upload: Upload }) {
  const { pause, goOn, cancel, drop } = useUploads.getState();
  if (upload.state === 'cancelled') {
    return (
      <IconButton label="Dismiss" onClick={() => drop(upload.id)}>
        <X size={16} />
      </IconButton>
    );
  }
  const still = upload.state === 'paused' || upload.state === 'stopped' || upload.state === 'signed-out';
  return (
    <span className="upload-actions">
      {still ? (
        <Button size="small" kind="primary" icon={<Play size={14} />} onClick={() => goOn(upload.id)}>
          {upload.state === 'stopped' ? 'Try again' : 'Go on'}
        </Button>
      ) : (
        <Button size="small" icon={<Pause size={14} />} onClick={() => pause(upload.id)}>
          Pause
        </Button>
      )}
      <Button size="small" onClick={() => cancel(upload.id)}>
        Cancel
      </Button>
    </span>
  );
}

/** What there is to know beside the numbers. */
function Situation({ upload }: { upload: Upload }): ReactNode {
  if (upload.problem !== null) {
    return (
      <Notice tone="bad">
        <strong>{upload.problem.title}</strong> {upload.problem.advice}
      </Notice>
    );
  }
  switch (upload.state) {
    case 'waiting':
      return <Notice tone="warn">The connection broke. It is tried again by itself; nothing is lost.</Notice>;
    case 'signed-out':
      return <Notice tone="warn">Your session has ended. Sign in again, and the upload goes on.</Notice>;
    case 'cancelled':
      return <p className="muted">Nothing of it was stored.</p>;
    default:
      return <p className="faint">{remarks(upload).join(' ')}</p>;
  }
}

function remarks(upload: Upload): string[] {
  const said: string[] = [];
  if (upload.already > 0) said.push(`${bytes(upload.already)} were on the server already.`);
  if (upload.skipped > 0) said.push(`${plural(upload.skipped, 'hidden file')} left out.`);
  if (isUnderWay(upload)) said.push('Keep this page open; you may go elsewhere in Ninefold meanwhile.');
  return said;
}
