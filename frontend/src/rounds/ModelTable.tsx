import type { ModelVersion } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Badge, bytes, Card, CopyText, EmptyState, ErrorState, moment, Table } from '../ui';
import type { Column } from '../ui';
import { useModels } from './queries';
import { meanScore } from './scores';
import { modelState } from './words';

function StateBadge({ state }: { state: string }) {
  const [word, tone] = modelState(state);
  return (
    <Badge tone={tone} dot>
      {word}
    </Badge>
  );
}

const COLUMNS: Column<ModelVersion>[] = [
  { key: 'number', title: 'Model', width: 96, cell: (model) => <b>Model {model.number}</b> },
  { key: 'state', title: 'State', width: 120, cell: (model) => <StateBadge state={model.state} /> },
  { key: 'round', title: 'Round', width: 72, align: 'right', cell: (model) => model.round },
  { key: 'cases', title: 'Trained on', width: 104, align: 'right', cell: (model) => model.training_cases },
  {
    key: 'dice',
    title: 'Mean Dice',
    width: 100,
    align: 'right',
    cell: (model) => meanScore(model.scores)?.toFixed(3) ?? <span className="faint">none</span>,
  },
  { key: 'size', title: 'Weights', width: 92, align: 'right', cell: (model) => bytes(model.weights_bytes) },
  {
    key: 'sha',
    title: 'Hash',
    cell: (model) => <CopyText text={model.weights_sha256} name="hash of the weights" />,
  },
  {
    key: 'made',
    title: 'Made',
    width: 168,
    align: 'right',
    cell: (model) => <span className="muted">{moment(model.created_at)}</span>,
  },
];

/** The models that came out of the rounds. */
export function ModelTable() {
  const { slug } = useCurrentProject();
  const models = useModels(slug);
  return (
    <Card title="Models" flush>
      {models.isError && models.data === undefined ? (
        <ErrorState error={models.error} retry={() => void models.refetch()} />
      ) : models.data?.length === 0 ? (
        <EmptyState title="No model yet">The first finished round brings one.</EmptyState>
      ) : (
        <Table
          label="Models"
          columns={COLUMNS}
          rows={models.data}
          rowKey={(model) => model.number}
          skeletonRows={2}
        />
      )}
    </Card>
  );
}
