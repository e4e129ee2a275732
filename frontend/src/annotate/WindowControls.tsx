import { useState } from 'react';

import { Tooltip } from '../ui';
import type { WindowPreset } from '../viewer';
import type { Desk } from './desk';
import { type CommandId, hintOf } from './keys';
import { sourceName } from './sourceNames';
import { useDeskState } from './useDesk';

const PRESETS: readonly { preset: WindowPreset; name: string; hint: CommandId; text: string }[] = [
  { preset: 'given', name: 'Given', hint: 'window-given', text: 'The window that came with the images' },
  {
    preset: 'auto',
    name: 'Auto',
    hint: 'window-auto',
    text: 'From the values that are there, without the air',
  },
  { preset: 'wide', name: 'Wide', hint: 'window-wide', text: 'Twice as wide as the automatic window' },
  { preset: 'narrow', name: 'Narrow', hint: 'window-narrow', text: 'Half as wide as the automatic window' },
  { preset: 'full', name: 'Full', hint: 'window-full', text: 'Every value from the lowest to the highest' },
];

/** The window of the first pane, or of the largest: its numbers, presets, and whether phases share it. */
export function WindowControls({ desk }: { desk: Desk }) {
  useDeskState(desk, (state) => state.looked);
  const steady = useDeskState(desk, (state) => state.steadyWindow);
  const source = desk.looking.windowedSource;
  const { low, high } = desk.viewer.windowing.of(source);
  const [width, level] = [high - low, (high + low) / 2];
  const set = (nextWidth: number, nextLevel: number): void =>
    desk.looking.setWindow({ low: nextLevel - nextWidth / 2, high: nextLevel + nextWidth / 2 }, source);
  return (
    <div className="window-controls">
      <div className="window-numbers" title={`Window of ${sourceName(source, desk.volume.is_dce)}`}>
        <NumberField label="Width" value={width} set={(next) => next > 0 && set(next, level)} />
        <NumberField label="Level" value={level} set={(next) => set(width, next)} />
      </div>
      <div className="style-buttons">
        {PRESETS.map(({ preset, name, hint, text }) => (
          <Tooltip key={preset} text={text} hint={hintOf(hint)}>
            <button type="button" className="phase-button" onClick={() => desk.looking.presetWindow(preset)}>
              {name}
            </button>
          </Tooltip>
        ))}
      </div>
      {desk.volume.phases.length > 1 && (
        <label className="tick-row">
          <input
            type="checkbox"
            checked={steady}
            onChange={(event) => desk.looking.setSteadyWindow(event.target.checked)}
          />
          One window for all phases
        </label>
      )}
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  value: number;
  set: (value: number) => void;
}

/** What is typed holds once it is left or entered; until then the number may be half written. */
function NumberField({ label, value, set }: NumberFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = (): void => {
    const number = Number(typed);
    if (typed !== null && typed.trim() !== '' && Number.isFinite(number)) set(number);
    setTyped(null);
  };
  return (
    <label className="number-field">
      <span>{label}</span>
      <input
        inputMode="decimal"
        aria-label={`Window ${label.toLowerCase()}`}
        value={typed ?? (Math.abs(value) < 10 ? value.toFixed(2) : value.toFixed(0))}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key === 'Escape') setTyped(null);
        }}
      />
    </label>
  );
}
