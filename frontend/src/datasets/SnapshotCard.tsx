import { Download, Package } from 'lucide-react';

import { explain } from '../api';
import type { DatasetFile, Snapshot } from '../api';
import { bytes, Button, Card, CopyText, moment, Notice, plural, Progress, toast } from '../ui';
import { useBuildFile } from './queries';

interface SnapshotCardProps {
  slug: string;
  snapshot: Snapshot;
  onShow: () => void;
}

/** One snapshot with its files. */
export function SnapshotCard({ slug, snapshot, onShow }: SnapshotCardProps) {
  const build = useBuildFile(slug);
  const order = () =>
    build.mutate(snapshot.id, { onError: (error) => toast.bad(explain(error).title, explain(error).advice) });
  const title = (
    <span className="snapshot-title">
      Snapshot {snapshot.number}
      <span className="muted">
        {plural(snapshot.cases, 'case')}, frozen {moment(snapshot.created_at)} by{' '}
        {snapshot.created_by ?? 'the platform'}
      </span>
    </span>
  );
  const actions = (
    <>
      <CopyText text={snapshot.sha256} name={`hash of snapshot ${snapshot.number}`} />
      <Button size="small" kind="quiet" onClick={onShow}>
        Contents
      </Button>
      <Button size="small" icon={<Package size={14} />} busy={build.isPending} onClick={order}>
        Build nnU-Net zip
      </Button>
    </>
  );
  return (
    <Card title={title} actions={actions} flush>
      {snapshot.files.length === 0 ? (
        <p className="file faint">No file was made of it yet.</p>
      ) : (
        <ul>
          {snapshot.files.map((file) => (
            <FileRow key={file.id} file={file} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function FileRow({ file }: { file: DatasetFile }) {
  if (file.state === 'failed') {
    return (
      <li className="file">
        <Notice tone="bad">{file.error || 'The file could not be written. Build it again.'}</Notice>
      </li>
    );
  }
  if (file.state !== 'ready' || file.url === null) {
    return (
      <li className="file">
        <Progress
          label="Writing the zip"
          fraction={file.state === 'waiting' || file.cases === 0 ? null : file.cases_done / file.cases}
          message={
            file.state === 'waiting'
              ? 'Waiting for a worker'
              : `${file.cases_done} of ${plural(file.cases, 'case')} written`
          }
        />
      </li>
    );
  }
  return (
    <li className="file file-ready">
      <span className="file-name">{file.name}</span>
      <span className="muted">{bytes(file.bytes)}</span>
      <CopyText text={file.sha256} name="hash of the zip" />
      <a className="button button-secondary button-small" href={file.url} download>
        <Download size={14} aria-hidden="true" />
        <span>Download</span>
      </a>
    </li>
  );
}
