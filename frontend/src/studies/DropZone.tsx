import { useQueryClient } from '@tanstack/react-query';
import { FileArchive, FolderOpen, FolderUp } from 'lucide-react';
import { useRef, useState } from 'react';

import { Button, classes, plural, Select, toast } from '../ui';
import { droppedFiles, pickedFiles } from './dropped';
import type { UploadFile } from './dropped';
import { useUploads } from './uploads';

const MOST_FILES = 20_000;

// Radix's select takes no empty value.
const LATER = 'later';
const PARTITIONS = [
  { value: LATER, label: 'Assign patients later' },
  { value: 'POOL', label: 'New patients to the pool', note: 'They train the next model. For good.' },
  { value: 'BENCHMARK', label: 'New patients to the benchmark', note: 'They judge every model. For good.' },
];

/** Where a folder or a zip is dropped or chosen. */
export function DropZone({ slug }: { slug: string }) {
  const [over, setOver] = useState(false);
  const [partition, setPartition] = useState(LATER);
  const start = useUploads((store) => store.start);
  const queries = useQueryClient();
  const folder = useRef<HTMLInputElement>(null);
  const zip = useRef<HTMLInputElement>(null);
  const send = (files: readonly UploadFile[]) => {
    if (files.length === 0) {
      toast.bad('There is no file in it.', 'Choose the folder that holds the DICOM files, or a zip of it.');
      return;
    }
    if (files.length > MOST_FILES) {
      toast.bad(
        `These are ${plural(files.length, 'file')}.`,
        `Import up to ${plural(MOST_FILES, 'file')} at once.`,
      );
      return;
    }
    const side = partition === LATER ? '' : partition;
    start(slug, files, side, () => void queries.invalidateQueries({ queryKey: ['imports', slug] }));
  };
  const take = (input: HTMLInputElement) => {
    const files = pickedFiles(input.files);
    input.value = '';
    if (files.length > 0) send(files);
  };
  return (
    <section
      className={classes('drop', over && 'drop-over')}
      aria-label="Import"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void droppedFiles(event.dataTransfer).then(send, () =>
          toast.bad('The dropped folder cannot be read.', 'Choose it with the button instead.'),
        );
      }}
    >
      <FolderUp size={32} aria-hidden="true" />
      <h2>Drop a folder or a zip of DICOM files here</h2>
      <p className="muted">
        Whole studies at once: a study with a missing slice is refused and nothing of it is stored.
      </p>
      <div className="drop-actions">
        <Button kind="primary" icon={<FolderOpen size={16} />} onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <Button icon={<FileArchive size={16} />} onClick={() => zip.current?.click()}>
          Choose a zip
        </Button>
        <Select
          label="Partition of new patients"
          value={partition}
          options={PARTITIONS}
          onChange={setPartition}
        />
      </div>
      <input
        ref={folder}
        type="file"
        hidden
        multiple
        aria-label="Folder to import"
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={zip}
        type="file"
        hidden
        accept=".zip,application/zip"
        aria-label="Zip to import"
        onChange={(event) => take(event.currentTarget)}
      />
    </section>
  );
}
