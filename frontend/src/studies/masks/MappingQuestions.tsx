import { ArrowUp } from 'lucide-react';
import { RadioGroup } from 'radix-ui';

import type { Label } from '../../api';
import { IconButton, Notice, Swatch } from '../../ui';
import { movedUp } from './decisions';
import type { Earlier } from './decisions';

interface MeetingOrderProps {
  /** Labels that share voxels, the one that stays first. */
  meeting: readonly Label[];
  onChange: (meeting: readonly Label[]) => void;
}

/** Which label stays where segments of two labels share voxels. */
export function MeetingOrder({ meeting, onChange }: MeetingOrderProps) {
  return (
    <section className="mapping-question" aria-label="Where labels meet">
      <h3>Where labels meet</h3>
      <p className="muted">Segments of these labels share voxels. The upper label stays.</p>
      <ol className="mapping-order">
        {meeting.map((label, index) => (
          <li key={label.value}>
            <Swatch colour={label.colour} />
            <span>{label.name}</span>
            {index > 0 && (
              <IconButton label={`Move ${label.name} up`} onClick={() => onChange(movedUp(meeting, index))}>
                <ArrowUp size={14} />
              </IconButton>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

const CHOICES: { value: Earlier; name: string; meaning: string }[] = [
  { value: 'replace', name: 'Replace it', meaning: 'The case starts from this mask alone.' },
  { value: 'keep', name: 'Draw over it', meaning: 'The earlier mask stays wherever this one draws nothing.' },
];

interface EarlierChoiceProps {
  earlier: Earlier | null;
  onChange: (earlier: Earlier) => void;
}

/** What becomes of a mask that was imported into the case before. */
export function EarlierChoice({ earlier, onChange }: EarlierChoiceProps) {
  return (
    <section className="mapping-question">
      <h3>The case holds an imported mask already</h3>
      <RadioGroup.Root
        className="mapping-choices"
        aria-label="Earlier mask"
        value={earlier ?? ''}
        onValueChange={(value) => onChange(value as Earlier)}
      >
        {CHOICES.map(({ value, name, meaning }) => (
          <RadioGroup.Item key={value} value={value} className="mapping-choice">
            <strong>{name}</strong>
            <span className="muted">{meaning}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </section>
  );
}

interface UnaidedStatementProps {
  stated: boolean;
  onChange: (stated: boolean) => void;
}

/** The statement without which nothing is drawn into a case of the benchmark. */
export function UnaidedStatement({ stated, onChange }: UnaidedStatementProps) {
  return (
    <Notice tone="warn">
      <label className="mapping-statement">
        <input type="checkbox" checked={stated} onChange={(event) => onChange(event.currentTarget.checked)} />
        <span>
          I state that this mask was drawn without a model’s help. This case is in the benchmark; the
          statement is kept in the audit under my name.
        </span>
      </label>
    </Notice>
  );
}
