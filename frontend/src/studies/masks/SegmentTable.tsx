import { useState } from 'react';

import type { Label, Segment } from '../../api';
import { Badge, Button, Select, Skeleton, Table } from '../../ui';
import type { Column, SelectOption } from '../../ui';
import { decide } from './decisions';
import type { Decisions } from './decisions';
import { useSegmentPlace } from './queries';

// Radix's select takes no empty value.
const UNDECIDED = 'undecided';
const LEAVE_OUT: SelectOption = {
  value: '0',
  label: 'Leave it out',
  note: 'It is named in the note of the case.',
};

interface SegmentTableProps {
  maskId: number;
  segments: readonly Segment[];
  labels: readonly Label[];
  decisions: Decisions;
  disabled: boolean;
  onChange: (decisions: Decisions) => void;
}

/** The segments of a mask, each with what it is called, how much and where it is, and what it becomes. */
export function SegmentTable({ maskId, segments, labels, decisions, disabled, onChange }: SegmentTableProps) {
  const columns: Column<Segment>[] = [
    { key: 'name', title: 'Segment', cell: (segment) => <SegmentName segment={segment} /> },
    {
      key: 'voxels',
      title: 'Voxels',
      width: 100,
      align: 'right',
      cell: ({ voxels }) => voxels.toLocaleString('en-GB'),
    },
    {
      key: 'where',
      title: 'Where',
      width: 220,
      cell: (segment) => <Where maskId={maskId} segment={segment} />,
    },
    {
      key: 'label',
      title: 'Becomes',
      width: 240,
      cell: ({ number, name }) => (
        <LabelChoice
          name={name}
          labels={labels}
          label={decisions.get(number)}
          disabled={disabled}
          onChange={(label) => onChange(decide(decisions, number, label))}
        />
      ),
    },
  ];
  return (
    <div className="mapping-table">
      <Table
        label="Segments"
        columns={columns}
        rows={segments}
        rowKey={({ number }) => number}
        rowClass={({ number }) => (decisions.has(number) ? undefined : 'mapping-open')}
      />
    </div>
  );
}

function SegmentName({ segment }: { segment: Segment }) {
  const { number, name, concept, suggestion, algorithm } = segment;
  const told = [concept !== name && concept, algorithm.toLowerCase()].filter(Boolean).join(' · ');
  return (
    <>
      <span className="mapping-name">
        <span className="faint">{number}</span> {name}
        {suggestion !== null && <Badge tone="accent">matched by {suggestion.by}</Badge>}
      </span>
      {told !== '' && <small className="muted">{told}</small>}
    </>
  );
}

interface LabelChoiceProps {
  name: string;
  labels: readonly Label[];
  label: number | undefined;
  disabled: boolean;
  onChange: (label: number) => void;
}

function LabelChoice({ name, labels, label, disabled, onChange }: LabelChoiceProps) {
  const known = labels.map(({ value, name: word, colour }) => ({
    value: String(value),
    label: word,
    colour,
  }));
  const open = label === undefined ? [{ value: UNDECIDED, label: 'Decide…' }] : [];
  return (
    <Select
      label={`Label of ${name}`}
      value={label === undefined ? UNDECIDED : String(label)}
      options={[...open, ...known, LEAVE_OUT]}
      disabled={disabled}
      onChange={(value) => {
        if (value !== UNDECIDED) onChange(Number(value));
      }}
    />
  );
}

/** Slices are counted from 1, as beside the images. */
function Where({ maskId, segment }: { maskId: number; segment: Segment }) {
  const [wanted, setWanted] = useState(false);
  const place = useSegmentPlace(maskId, segment.number, wanted);
  const { first_slice: first, last_slice: last } = segment;
  const range = first === last ? `slice ${first + 1}` : `slices ${first + 1} to ${last + 1}`;
  if (!wanted) {
    return (
      <Button
        size="small"
        kind="quiet"
        aria-label={`Where ${segment.name} lies`}
        onClick={() => setWanted(true)}
      >
        {range}
      </Button>
    );
  }
  if (place.data === undefined) return place.isError ? <>{range}</> : <Skeleton width="80%" />;
  const [, top = 0, left = 0] = place.data.first_zyx;
  const [, bottom = 0, right = 0] = place.data.last_zyx;
  const fullest = place.data.slices.reduce((most, one) => (one.voxels > most.voxels ? one : most));
  return (
    <small>
      {range}, rows {top + 1} to {bottom + 1}, columns {left + 1} to {right + 1}; most in slice{' '}
      {fullest.z + 1}
    </small>
  );
}
