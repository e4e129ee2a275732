import { useState } from 'react';

import type { Evaluation, LabelCard, ModelCard as Scores, ScoreInterval } from '../api';
import { useCurrentProject } from '../routes/currentProject';
import { Card, ErrorState, Select, Skeleton, Swatch, Table } from '../ui';
import type { Column } from '../ui';
import './model-card.css';
import { useModelCard } from './queries';

/** Places after the decimal point: a Dice of 0.84, a distance of 3.1 mm. */
function figure(interval: ScoreInterval | null, places: number) {
  if (interval === null) return <span className="faint">–</span>;
  const { n, mean, low, high, method } = interval;
  const reach =
    low === null || high === null
      ? `${n} of the 3 patients that an interval needs`
      : `95 % interval over ${n} patients, ${method === 't' ? 'normal theory' : 'bootstrap'}`;
  return (
    <span className="interval" title={reach}>
      <b>{mean.toFixed(places)}</b>
      {low !== null && high !== null && (
        <small>
          {low.toFixed(places)} to {high.toFixed(places)}
        </small>
      )}
    </span>
  );
}

/** Whole bodies of a label: how many were found, and how many were made up. */
function bodies({ detection }: LabelCard) {
  if (detection === null) return <span className="faint">–</span>;
  const { found, missed, false_positive: extra } = detection;
  return (
    <span className="interval" title="Connected bodies over all cases">
      <b>
        {found} of {found + missed}
      </b>
      <small>{extra === 0 ? 'none made up' : `${extra} made up`}</small>
    </span>
  );
}

/** A p value as it is printed; a test without differences has none. */
export function pValue(p: number | null): string {
  if (p === null) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** Every measure of one model on the benchmark, with how far each can be trusted. */
export function ModelCard({ evaluations }: { evaluations: readonly Evaluation[] }) {
  const { slug } = useCurrentProject();
  const newest = evaluations[0]?.model ?? 0;
  const [chosen, setChosen] = useState<number | null>(null);
  const model = chosen ?? newest;
  const card = useModelCard(slug, model);
  const options = evaluations.map((evaluation) => ({
    value: String(evaluation.model),
    label: `Model ${evaluation.model}`,
  }));
  return (
    <Card
      title="What the scores are worth"
      flush
      actions={
        <Select
          label="Model"
          value={String(model)}
          options={options}
          onChange={(value) => setChosen(Number(value))}
        />
      }
    >
      {card.isError && <ErrorState error={card.error} retry={() => void card.refetch()} />}
      {card.isPending && <Skeleton height={420} />}
      {card.data && <Figures card={card.data} />}
    </Card>
  );
}

function Figures({ card }: { card: Scores }) {
  const { labels } = useCurrentProject();
  const colours = new Map(labels.map(({ name, colour }) => [name, colour]));
  const columns: Column<LabelCard>[] = [
    {
      key: 'label',
      title: 'Label',
      width: '19%',
      cell: ({ name }) => (
        <>
          <Swatch colour={colours.get(name) ?? '#888888'} /> {name}
        </>
      ),
    },
    { key: 'dice', title: 'Dice', cell: ({ dice }) => figure(dice, 3) },
    { key: 'nsd', title: 'NSD at 2 mm', cell: ({ nsd }) => figure(nsd, 3) },
    { key: 'hd95', title: 'HD95, mm', cell: ({ hd95_mm: mm }) => figure(mm, 1) },
    { key: 'ppv', title: 'PPV', cell: ({ ppv }) => figure(ppv, 3) },
    { key: 'sensitivity', title: 'Sensitivity', cell: ({ sensitivity }) => figure(sensitivity, 3) },
    { key: 'volume', title: 'Volume, ml off', cell: (row) => figure(row.volume_difference_ml, 1) },
    { key: 'bodies', title: 'Bodies found', cell: bodies },
    ...(card.compared_with === null
      ? []
      : [
          {
            key: 'p',
            title: `p, model ${card.compared_with}`,
            width: '9%',
            cell: ({ p_value: p }: LabelCard) => pValue(p),
          },
        ]),
  ];
  return (
    <>
      <div className="model-card-scroll" tabIndex={0} role="region" aria-label="Measures of the model">
        <Table
          label={`Measures of model ${card.model}`}
          columns={columns}
          rows={card.labels}
          rowKey={({ name }) => name}
        />
      </div>
      <p className="model-card-note faint">
        Means over patients, with 95 % intervals below: normal theory where Shapiro–Wilk finds nothing against
        it, else 1,000 resamples of the patients. A label that is neither in the reference nor predicted has
        no score; HD95 leaves out cases in which one of both is empty.
        {card.compared_with !== null &&
          ` p: paired Wilcoxon test of Dice against model ${card.compared_with}.`}{' '}
        Measures: {card.metric_version}.
      </p>
    </>
  );
}
