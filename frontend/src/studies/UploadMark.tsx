import { CloudUpload, TriangleAlert } from 'lucide-react';
import { Link } from 'react-router';

import './upload-mark.css';
import { isOpen, useUploads } from './uploads';

/** In the rail, wherever the person is: how far the uploads are, and whether one needs them. */
export function UploadMark() {
  const uploads = useUploads((store) => store.uploads).filter(isOpen);
  const [first] = uploads;
  if (first === undefined) return null;
  const total = uploads.reduce((sum, upload) => sum + upload.total, 0);
  const loaded = uploads.reduce((sum, upload) => sum + upload.loaded, 0);
  const percent = total === 0 ? 0 : Math.floor((loaded / total) * 100);
  const needsPerson = uploads.some(({ state }) => state === 'stopped' || state === 'signed-out');
  const Icon = needsPerson ? TriangleAlert : CloudUpload;
  return (
    <Link to={`/projects/${first.slug}/imports`} className="upload-mark" title="Upload under way">
      <Icon size={18} aria-hidden="true" />
      <span className="rail-word">{needsPerson ? 'Upload stopped' : 'Uploading'}</span>
      <span className="upload-percent" data-testid="upload-percent">
        {percent} %
      </span>
    </Link>
  );
}
