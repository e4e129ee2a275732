import type { ModelVersion } from '../api';
import { can, useCurrentProject } from '../routes/currentProject';
import { Badge, bytes, Card, CopyText, EmptyState, ErrorState, moment, plural, Table } from '../ui';
import type { Column } from '../ui';
import { BringModel } from './BringModel';
import { ModelActions } from './ModelActions';
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
  { key: 'round', title: 'Round', width: 64, align: 'right', cell: (model) => model.round },
  { key: 'from', title: 'From', cell: (model) => <span className="muted">{lineage(model)}</span> },
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
    width: 130,
    cell: (model) => <CopyText text={model.weights_sha256} name="hash of the weights" />,
  },
  {
    key: 'made',
    title: 'Made',
    width: 148,
    align: 'right',
    cell: (model) => <span className="muted">{moment(model.created_at)}</span>,
  },
  {
    key: 'actions',
    title: '',
    width: 212,
    align: 'right',
    cell: (model) => <ModelActions model={model} />,
  },
];

/** What a model was made of: `8 cases, demo, from model 1`. */
function lineage({ origin, training_cases, preset, folds, parent_model }: ModelVersion): string {
  if (origin !== null) return `the file ${origin}`;
  const parts = [plural(training_cases, 'case'), preset];
  if (folds > 1) parts.push(`${folds} folds`);
  if (parent_model !== null) parts.push(`from model ${parent_model}`);
  return parts.join(', ');
}

/** The models that came out of the rounds. */
export function ModelTable({ live }: { live: boolean }) {
  const project = useCurrentProject();
  const { slug } = project;
  const models = useModels(slug);
  return (
    <Card title="Models" flush actions={can(project, 'manage_rounds') && <BringModel live={live} />}>
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
