import { classes, Tooltip } from '../../ui';
import './choice.css';

interface ChoiceProps<Value> {
  label: string;
  value: Value;
  options: readonly { value: Value; name: string; tip?: string }[];
  onChange: (value: Value) => void;
}

/** One of a few ways, side by side. */
export function Choice<Value extends string | boolean>({
  label,
  value,
  options,
  onChange,
}: ChoiceProps<Value>) {
  return (
    <div className="choice" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <Tooltip key={String(option.value)} text={option.tip ?? option.name}>
          <button
            type="button"
            role="radio"
            aria-checked={option.value === value}
            className={classes('choice-option', option.value === value && 'choice-on')}
            onClick={() => onChange(option.value)}
          >
            {option.name}
          </button>
        </Tooltip>
      ))}
    </div>
  );
}
