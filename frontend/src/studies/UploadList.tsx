import { X } from 'lucide-react';

import { Button, bytes, Card, IconButton, Notice, plural, Progress } from '../ui';
import type { Upload } from './uploads';
import { useUploads } from './uploads';

/** What is being sent to the server right now, and what did not arrive. */
export function UploadList({ slug }: { slug: string }) {
  const uploads = useUploads((store) => store.uploads);
  return uploads
    .filter((upload) => upload.slug === slug && upload.state !== 'sent')
    .map((upload) => <UploadCard key={upload.id} upload={upload} />);
}

function UploadCard({ upload }: { upload: Upload }) {
  const drop = useUploads((store) => store.drop);
  const sending = upload.state === 'sending';
  const action = sending ? (
    <Button size="small" onClick={upload.cancel}>
      Cancel
    </Button>
  ) : (
    <IconButton label="Dismiss" onClick={() => drop(upload.id)}>
      <X size={16} />
    </IconButton>
  );
  const title = sending ? `Sending ${upload.name}` : upload.name;
  const arrived = upload.filesDone === upload.files;
  return (
    <Card title={title} actions={action}>
      {sending && (
        <Progress
          label={`Sending ${upload.name}`}
          fraction={upload.total === 0 ? null : upload.loaded / upload.total}
          secondsLeft={upload.secondsLeft}
          message={
            arrived
              ? 'All sent; the server is taking it in'
              : `${upload.filesDone} of ${plural(upload.files, 'file')}, ${bytes(upload.loaded)} of ${bytes(upload.total)}`
          }
        />
      )}
      {upload.state === 'cancelled' && <p className="muted">Cancelled. Nothing of it was stored.</p>}
      {upload.problem !== null && (
        <Notice tone="bad">
          <strong>{upload.problem.title}</strong> {upload.problem.advice}
        </Notice>
      )}
    </Card>
  );
}
