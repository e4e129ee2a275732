import { useStore } from 'zustand';

import { classes, Select } from '../../ui';
import type { Desk } from '../desk';
import { useDeskState } from '../useDesk';

interface ChoiceProps<Value extends string> {
  name: string;
  value: Value;
  options: readonly { value: Value; title: string }[];
  choose: (value: Value) => void;
}

/** One of a few, side by side. */
export function Choice<Value extends string>({ name, value, options, choose }: ChoiceProps<Value>) {
  return (
    <div className="option-row">
      <span>{name}</span>
      <div className="style-buttons" role="radiogroup" aria-label={name}>
        {options.map((option) => (
          <button
            key={option.value}
            type="button"
            role="radio"
            aria-checked={option.value === value}
            className={classes('phase-button', option.value === value && 'phase-button-on')}
            onClick={() => choose(option.value)}
          >
            {option.title}
          </button>
        ))}
      </div>
    </div>
  );
}

interface MmFieldProps {
  name: string;
  value: number;
  unit?: string;
  step?: number;
  least?: number;
  change: (value: number) => void;
}

/** A positive amount, of mm unless another unit is given. */
export function MmField({ name, value, unit = 'mm', step = 0.5, least = step, change }: MmFieldProps) {
  return (
    <label className="option-row">
      <span>{name}</span>
      <span className="mm-field">
        <input
          type="number"
          aria-label={`${name} (${unit})`}
          min={least}
          step={step}
          value={value}
          onChange={(event) => {
            const typed = event.target.valueAsNumber;
            if (typed >= least) change(typed);
          }}
        />
        {unit}
      </span>
    </label>
  );
}

/** The second label of an operation. */
export function LabelChoice({ desk, name }: { desk: Desk; name: string }) {
  const other = useStore(desk.operations.store, (state) => state.settings.other);
  const label = useDeskState(desk, (state) => state.label);
  const options = desk.labels
    .filter(({ value }) => value !== label)
    .map(({ value, name: title, colour }) => ({ value: String(value), label: title, colour }));
  return (
    <div className="option-row">
      <span>{name}</span>
      <Select
        label="Other label"
        value={other === null || other === label ? '' : String(other)}
        options={options}
        onChange={(value) => desk.operations.set({ other: Number(value) })}
      />
    </div>
  );
}
