import { CopyText, Dialog, ErrorState, Skeleton, Table } from '../ui';
import { useSnapshot } from './queries';

/** The cases of a snapshot at the right edge: which revision, which mask, which fold. */
export function SnapshotDrawer({ id, onClose }: { id: number | null; onClose: () => void }) {
  const snapshot = useSnapshot(id);
  return (
    <Dialog
      form="drawer"
      open={id !== null}
      onClose={onClose}
      title={snapshot.data === undefined ? 'Snapshot' : `Snapshot ${snapshot.data.number}`}
      description="Cases are split by patient; a patient keeps its fold from snapshot to snapshot."
    >
      {snapshot.isError && <ErrorState error={snapshot.error} retry={() => void snapshot.refetch()} />}
      {snapshot.isPending && <Skeleton height={240} />}
      {snapshot.data !== undefined && (
        <Table
          label="Cases"
          rows={snapshot.data.items}
          rowKey={(item) => `${item.pseudonym}-${item.mask_sha256}`}
          columns={[
            { key: 'patient', title: 'Patient', cell: (item) => <b>{item.pseudonym}</b> },
            { key: 'revision', title: 'Revision', width: 92, align: 'right', cell: (item) => item.revision },
            { key: 'fold', title: 'Fold', width: 64, align: 'right', cell: (item) => item.fold },
            {
              key: 'mask',
              title: 'Mask',
              width: 160,
              cell: (item) => <CopyText text={item.mask_sha256} name="hash of the mask" />,
            },
          ]}
        />
      )}
    </Dialog>
  );
}
