import { Pin, X } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from 'zustand';

import { Badge, Button, IconButton, Progress, Section, Tooltip } from '../../ui';
import { classes } from '../../ui';
import type { Desk } from '../desk';
import { hintOf } from '../keys';
import { CurveChart } from './CurveChart';
import './curve.css';
import { type Curve, type CurvesState, PLACES, type Place } from './curves';
import { COLOURS, METRICS, signed, TONES, TYPES } from './words';

/** Signal over the phases at the pointer, or where a label is drawn, with what radiologists read from it. */
export function CurvePanel({ desk }: { desk: Desk }) {
  return (
    <Section id="curve" title="Curve" open={false}>
      <CurveBody desk={desk} />
    </Section>
  );
}

function CurveBody({ desk }: { desk: Desk }) {
  const { obstacle } = desk.curves;
  const state = useStore(desk.curves.store);
  useEffect(() => desk.curves.follow(), [desk]);
  if (obstacle !== null) return <p className="side-hint">{obstacle}</p>;
  return (
    <div className="curve">
      <Places desk={desk} state={state} />
      <CurveChart state={state} />
      {state.curve === null ? <Nothing state={state} /> : <Shown desk={desk} curve={state.curve} />}
      {state.pinned.map((curve, n) => (
        <PinnedRow key={curve.id} desk={desk} curve={curve} colour={COLOURS[n + 1] ?? ''} />
      ))}
    </div>
  );
}

const PLACE_NAMES: Record<Place, { name: string; tip: string }> = {
  voxel: { name: 'Voxel', tip: 'The voxel under the pointer' },
  ball: { name: 'Ball', tip: 'The mean of a ball round the pointer' },
  slice: { name: 'Slice', tip: 'The mean of the chosen label in this slice' },
  volume: { name: 'Label', tip: 'The mean of the chosen label in all slices' },
};

function Places({ desk, state: { place, radiusMm } }: { desk: Desk; state: CurvesState }) {
  return (
    <div className="curve-places">
      <div className="style-buttons" role="radiogroup" aria-label="Where the curve is taken">
        {PLACES.map((value) => (
          <Tooltip key={value} text={PLACE_NAMES[value].tip}>
            <button
              type="button"
              role="radio"
              aria-checked={place === value}
              className={classes('phase-button', place === value && 'phase-button-on')}
              onClick={() => desk.curves.setPlace(value)}
            >
              {PLACE_NAMES[value].name}
            </button>
          </Tooltip>
        ))}
      </div>
      {place === 'ball' && (
        <label className="slider-row">
          <span>Radius</span>
          <input
            type="range"
            min={0.5}
            max={10}
            step={0.5}
            value={radiusMm}
            aria-valuetext={`${radiusMm} mm`}
            onChange={(event) => desk.curves.setRadius(Number(event.target.value))}
          />
          <output>{radiusMm.toFixed(1)} mm</output>
        </label>
      )}
    </div>
  );
}

function Nothing({ state: { place, progress } }: { state: CurvesState }) {
  if (progress !== null) return <Progress fraction={progress} label="Reading phases" />;
  const byPointer = place === 'voxel' || place === 'ball';
  return (
    <p className="side-hint">
      {byPointer ? 'Move the pointer over the picture.' : 'The chosen label is not drawn here.'}
    </p>
  );
}

/** The curve of the place that is looked at, with all its figures. */
function Shown({ desk, curve }: { desk: Desk; curve: Curve }) {
  const { kinetics, name, voxels } = curve;
  return (
    <div className="curve-shown" data-testid="curve">
      <header className="curve-name">
        <i style={{ background: COLOURS[0] }} />
        <span title={name}>{name}</span>
        {voxels > 1 && <small>{voxels.toLocaleString('en-GB')} voxels</small>}
        <TypeBadge curve={curve} />
      </header>
      <dl className="curve-figures">
        {METRICS.map(({ id, title, tip, words }) => (
          <Tooltip key={id} text={<span className="curve-tip">{tip}</span>} side="left">
            <div>
              <dt>{title}</dt>
              <dd data-testid={`curve-${id}`}>{words(kinetics) ?? '–'}</dd>
            </div>
          </Tooltip>
        ))}
      </dl>
      <Button size="small" icon={<Pin size={14} />} onClick={() => desk.curves.pin()}>
        Pin to compare <kbd className="faint">{hintOf('pin-curve')}</kbd>
      </Button>
    </div>
  );
}

function PinnedRow({ desk, curve, colour }: { desk: Desk; curve: Curve; colour: string }) {
  return (
    <div className="curve-name curve-pinned" data-testid="pinned-curve">
      <i style={{ background: colour }} />
      <span title={curve.name}>{curve.name}</span>
      <small>{signed(curve.kinetics.initial, ' %') ?? ''}</small>
      <TypeBadge curve={curve} />
      <IconButton label={`Take ${curve.name} away`} onClick={() => desk.curves.unpin(curve.id)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}

function TypeBadge({ curve: { kinetics } }: { curve: Curve }) {
  if (kinetics.type === null) return null;
  return (
    <Tooltip text={<span className="curve-tip">{TYPES[kinetics.type].tip}</span>} side="left">
      <span>
        <Badge tone={TONES[kinetics.type]}>{TYPES[kinetics.type].name}</Badge>
      </span>
    </Tooltip>
  );
}
