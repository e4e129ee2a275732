import { useQueryClient } from '@tanstack/react-query';
import { FileArchive, FolderOpen, FolderUp } from 'lucide-react';
import { useRef, useState } from 'react';

import { Button, classes, plural, Select, toast } from '../ui';
import { droppedFiles, pickedFiles } from './dropped';
import type { Chosen } from './dropped';
import { useUploads } from './uploads';

const MOST_FILES = 50_000;

// Radix's select takes no empty value.
const LATER = 'later';
const PARTITIONS = [
  { value: LATER, label: 'Assign patients later' },
  { value: 'POOL', label: 'New patients to the pool', note: 'They train the next model. For good.' },
  { value: 'BENCHMARK', label: 'New patients to the benchmark', note: 'They judge every model. For good.' },
];

/** Begins the upload of what was chosen; says what is wrong with it otherwise. */
function useSend(slug: string, partition: string) {
  const start = useUploads((store) => store.start);
  const queries = useQueryClient();
  return (chosen: Chosen) => {
    const count = chosen.files.length;
    if (count === 0) {
      toast.bad('There is no file in it.', 'Choose the folder that holds the images, or a zip of it.');
      return;
    }
    if (count > MOST_FILES) {
      toast.bad(`These are ${plural(count, 'file')}.`, `Import up to ${plural(MOST_FILES, 'file')} at once.`);
      return;
    }
    const side = partition === LATER ? '' : partition;
    start(slug, chosen, side, () => void queries.invalidateQueries({ queryKey: ['imports', slug] }));
  };
}

/** Where a folder, files or a zip are dropped or chosen. */
export function DropZone({ slug }: { slug: string }) {
  const [over, setOver] = useState(false);
  const [found, setFound] = useState<number | null>(null);
  const [partition, setPartition] = useState(LATER);
  const send = useSend(slug, partition);
  const drop = async (transfer: DataTransfer) => {
    setFound(0);
    try {
      send(await droppedFiles(transfer, setFound));
    } catch {
      toast.bad('The dropped folder cannot be read.', 'Choose it with the button instead.');
    } finally {
      setFound(null);
    }
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
        void drop(event.dataTransfer);
      }}
    >
      <FolderUp size={32} aria-hidden="true" />
      <h2>
        {found === null ? 'Drop a folder or a zip here' : `Looking through it: ${plural(found, 'file')}`}
      </h2>
      <p className="muted">
        Whole studies at once. Should the connection break or the page be closed, choose the same folder
        again: it goes on where it stopped.
      </p>
      <div className="drop-actions">
        <Picker send={send} />
        <Select
          label="Partition of new patients"
          value={partition}
          options={PARTITIONS}
          onChange={setPartition}
        />
      </div>
    </section>
  );
}

function Picker({ send }: { send: (chosen: Chosen) => void }) {
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement) => {
    const chosen = pickedFiles(input.files);
    input.value = '';
    if (chosen.files.length + chosen.skipped > 0) send(chosen);
  };
  return (
    <>
      <Button kind="primary" icon={<FolderOpen size={16} />} onClick={() => folder.current?.click()}>
        Choose a folder
      </Button>
      <Button icon={<FileArchive size={16} />} onClick={() => files.current?.click()}>
        Choose files or a zip
      </Button>
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
        ref={files}
        type="file"
        hidden
        multiple
        aria-label="Files to import"
        onChange={(event) => take(event.currentTarget)}
      />
    </>
  );
}
