import { Pipette } from 'lucide-react';
import { useState } from 'react';

import { IconButton } from '../../ui';
import type { IntensityRange } from '../../viewer';

interface RangeProps {
  label: string;
  range: IntensityRange | null;
  onChange: (range: IntensityRange) => void;
  picking: boolean;
  pick: () => void;
}

/** The two ends of a range of intensities, and the way to pick them from the picture. */
export function RangeFields({ label, range, onChange, picking, pick }: RangeProps) {
  return (
    <div className="range-fields" role="group" aria-label={label}>
      <End
        name="Lowest"
        value={range?.low}
        onChange={(low) => onChange({ low, high: Math.max(low, range?.high ?? low) })}
      />
      <span aria-hidden="true">–</span>
      <End
        name="Highest"
        value={range?.high}
        onChange={(high) => onChange({ low: Math.min(high, range?.low ?? high), high })}
      />
      <IconButton
        label={picking ? 'Click a spot in the picture' : 'Pick from the picture'}
        pressed={picking}
        onClick={pick}
      >
        <Pipette size={15} />
      </IconButton>
    </div>
  );
}

interface EndProps {
  name: string;
  value: number | undefined;
  onChange: (value: number) => void;
}

/** Takes a number when it is whole: on Enter, and when the field is left. */
function End({ name, value, onChange }: EndProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const take = (): void => {
    const number = Number(typed);
    if (typed !== null && typed.trim() !== '' && Number.isFinite(number)) onChange(number);
    setTyped(null);
  };
  return (
    <input
      type="number"
      className="number-field"
      aria-label={name}
      placeholder="–"
      value={typed ?? (value === undefined ? '' : String(Math.round(value)))}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === 'Enter' && take()}
    />
  );
}
