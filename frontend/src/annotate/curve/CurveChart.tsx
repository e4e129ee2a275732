import { useState } from 'react';

import { Chart, type ChartLine } from '../../ui/Chart';
import { classes } from '../../ui';
import type { Curve, CurvesState } from './curves';
import { COLOURS } from './words';

type Scale = 'enhancement' | 'signal';

/** The curves over seconds, or over phases where the times are not known. */
export function CurveChart({ state: { curve, pinned } }: { state: CurvesState }) {
  const [scale, setScale] = useState<Scale>('enhancement');
  const shown: [Curve, string][] = pinned.map((each, n) => [each, `Pin ${n + 1}`]);
  if (curve !== null) shown.unshift([curve, 'Here']);
  const [first] = shown;
  if (!first) return null;
  const times = first[0].samples.map(({ seconds }) => seconds);
  const timed = times.every((seconds) => seconds !== null);
  const lines: ChartLine[] = shown.map(([each, name], n) => ({
    name,
    colour: COLOURS[curve === null ? n + 1 : n] ?? COLOURS[0],
    values: scale === 'signal' ? each.samples.map(({ value }) => value) : [...each.kinetics.enhancement],
    dashed: name !== 'Here',
  }));
  return (
    <div>
      <div className="style-buttons" role="radiogroup" aria-label="Scale of the curve">
        {(['enhancement', 'signal'] as const).map((value) => (
          <button
            key={value}
            type="button"
            role="radio"
            aria-checked={scale === value}
            className={classes('phase-button', scale === value && 'phase-button-on')}
            onClick={() => setScale(value)}
          >
            {value === 'signal' ? 'Signal' : 'Enhancement %'}
          </button>
        ))}
      </div>
      <Chart
        label={scale === 'signal' ? 'Signal over time' : 'Enhancement over time'}
        x={times.map((seconds, n) => (timed ? Math.round(seconds ?? 0) : n))}
        xName={timed ? 'Seconds' : 'Phase'}
        lines={lines}
        height={140}
        digits={scale === 'signal' ? 0 : 1}
        dots
      />
    </div>
  );
}
