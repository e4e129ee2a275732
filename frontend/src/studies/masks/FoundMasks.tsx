import { FilePlus2, Shapes } from 'lucide-react';
import { useRef, useState } from 'react';

import { explain } from '../../api';
import type { FoundMask } from '../../api';
import { can, useCurrentProject } from '../../routes/currentProject';
import {
  ago,
  Badge,
  Button,
  Card,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadMore,
  plural,
  Skeleton,
  toast,
} from '../../ui';
import type { Tone } from '../../ui';
import './found-masks.css';
import { MappingDialog } from './MappingDialog';
import { MaskDownloads } from './MaskDownloads';
import { useAddMask, useDiscardMask, useFoundMasks } from './queries';

const STATES: Record<FoundMask['state'], [string, Tone]> = {
  waiting: ['Waits for a decision', 'warn'],
  stored: ['In the case', 'good'],
  discarded: ['Discarded', 'neutral'],
};
const ACCEPTED = '.nii,.nii.gz,.gz,.nrrd,.mha,.dcm,.seg';

interface FoundMasksProps {
  volumeId: number;
  /** The case that is drawn on this volume, when there is one. */
  taskId: number | null;
}

/** Masks that came with a volume or are added to it, and the case's own mask to take away. */
export function FoundMasks({ volumeId, taskId }: FoundMasksProps) {
  const project = useCurrentProject();
  const manages = can(project, 'manage_cases');
  const takesOut = can(project, 'export') && taskId !== null;
  if (!manages && !takesOut) return null;
  return (
    <Card
      title="Existing masks"
      actions={
        <>
          {takesOut && <MaskDownloads taskId={taskId} />}
          {manages && <AddMask slug={project.slug} volumeId={volumeId} />}
        </>
      }
      flush
    >
      {manages ? (
        <MaskList slug={project.slug} volumeId={volumeId} />
      ) : (
        <p className="masks-none muted">Existing masks are mapped by managers of the project.</p>
      )}
    </Card>
  );
}

function MaskList({ slug, volumeId }: { slug: string; volumeId: number }) {
  const list = useFoundMasks(slug, volumeId);
  const [mapping, setMapping] = useState<FoundMask | null>(null);
  const [leaving, setLeaving] = useState<FoundMask | null>(null);
  if (list.isError && list.items === undefined) {
    return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  }
  if (list.items === undefined) return <Skeleton height={72} />;
  if (list.items.length === 0) {
    return (
      <EmptyState icon={<Shapes size={24} />} title="No mask came with this volume">
        Add a NIfTI, NRRD, MetaImage or DICOM SEG file that lies on its grid, and it can be where an annotator
        starts.
      </EmptyState>
    );
  }
  return (
    <>
      <ul className="masks" aria-label="Existing masks">
        {list.items.map((mask) => (
          <MaskRow
            key={mask.id}
            mask={mask}
            onMap={() => setMapping(mask)}
            onDiscard={() => setLeaving(mask)}
          />
        ))}
      </ul>
      <LoadMore {...list} />
      {mapping !== null && <MappingDialog slug={slug} id={mapping.id} onClose={() => setMapping(null)} />}
      <DiscardDialog slug={slug} mask={leaving} onClose={() => setLeaving(null)} />
    </>
  );
}

interface MaskRowProps {
  mask: FoundMask;
  onMap: () => void;
  onDiscard: () => void;
}

function MaskRow({ mask, onMap, onDiscard }: MaskRowProps) {
  const [word, tone] = STATES[mask.state];
  return (
    <li className="mask-row">
      <div>
        <p className="mask-title">
          <strong>{mask.source}</strong>
          <Badge tone={tone} dot>
            {word}
          </Badge>
          <span className="faint">
            {plural(mask.segments, 'segment')}, {ago(mask.created_at)}
          </span>
        </p>
        {mask.remarks.map((remark) => (
          <p key={remark} className="mask-remark muted">
            {remark}
          </p>
        ))}
      </div>
      <div className="mask-actions">
        {mask.state === 'waiting' && (
          <>
            <Button size="small" kind="quiet" onClick={onDiscard}>
              Discard
            </Button>
            <Button size="small" kind="primary" onClick={onMap}>
              Map its segments
            </Button>
          </>
        )}
        {mask.state === 'stored' && (
          <Button size="small" onClick={onMap}>
            Look at the mapping
          </Button>
        )}
      </div>
    </li>
  );
}

interface DiscardDialogProps {
  slug: string;
  mask: FoundMask | null;
  onClose: () => void;
}

function DiscardDialog({ slug, mask, onClose }: DiscardDialogProps) {
  const discard = useDiscardMask(slug);
  const confirm = () => {
    if (mask === null) return;
    discard.mutate(mask.id, {
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
      onSettled: onClose,
    });
  };
  return (
    <ConfirmDialog
      open={mask !== null}
      onClose={onClose}
      onConfirm={confirm}
      busy={discard.isPending}
      title="Discard this mask?"
      word="Discard"
      kind="danger"
    >
      It is put aside and drawn into no case. Add its file to the volume to have it back.
    </ConfirmDialog>
  );
}

function AddMask({ slug, volumeId }: { slug: string; volumeId: number }) {
  const input = useRef<HTMLInputElement>(null);
  const add = useAddMask(slug, volumeId);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file === undefined) return;
    add.mutate(file, {
      onSuccess: ({ segments }) =>
        toast.good(`The mask has ${plural(segments.length, 'segment')}. Map them next.`),
      onError: (error) => toast.bad(explain(error).title, explain(error).advice),
    });
  };
  return (
    <>
      <Button
        size="small"
        icon={<FilePlus2 size={14} />}
        busy={add.isPending}
        onClick={() => input.current?.click()}
      >
        Add a mask file
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={ACCEPTED}
        aria-label="Mask file"
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
