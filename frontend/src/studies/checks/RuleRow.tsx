import type { CheckRule, Label, RuleKind } from '../../api';
import { classes, Select, Swatch } from '../../ui';
import { SEVERITIES, type Severity, withOther } from './ruleEdits';

interface RowProps {
  rule: CheckRule;
  kind: RuleKind;
  labels: readonly Label[];
  change: (change: Partial<CheckRule>) => void;
  toggleLabel: (label: number) => void;
}

/** One rule: what it means, how severe it is, its labels and figures. */
export function RuleRow({ rule, kind, labels, change, toggleLabel }: RowProps) {
  return (
    <article
      className={classes('rule', rule.severity === 'off' && 'rule-off')}
      data-testid={`rule-${rule.rule}`}
    >
      <div className="rule-words">
        <h3>{kind.title}</h3>
        <p className="muted">{kind.explanation}</p>
      </div>
      <Select
        label={`Severity of ${kind.title}`}
        value={rule.severity}
        options={SEVERITIES}
        onChange={(severity) => change({ severity: severity as Severity })}
      />
      <div className="rule-more">
        {kind.of_labels && (
          <LabelChips title="Labels" labels={labels} on={rule.labels} toggle={toggleLabel} />
        )}
        {kind.others.map(({ name, title }) => (
          <LabelChips
            key={name}
            title={title}
            labels={labels}
            on={rule.others[name] ?? []}
            toggle={(label) => change(withOther(rule, name, label))}
          />
        ))}
        {kind.figures.map(({ name, title, unit, low, high, value }) => (
          <label key={name} className="rule-figure">
            <span>{title}</span>
            <input
              type="number"
              min={low}
              max={high}
              step="any"
              value={rule.figures[name] ?? value}
              onChange={(event) =>
                change({ figures: { ...rule.figures, [name]: event.target.valueAsNumber } })
              }
            />
            <span className="faint">{unit}</span>
          </label>
        ))}
      </div>
    </article>
  );
}

interface ChipsProps {
  title: string;
  labels: readonly Label[];
  on: readonly number[];
  toggle: (label: number) => void;
}

function LabelChips({ title, labels, on, toggle }: ChipsProps) {
  return (
    <div className="rule-chips" role="group" aria-label={title}>
      <span>{title}</span>
      {labels.map(({ value, name, colour }) => (
        <button
          key={value}
          type="button"
          className={classes('rule-chip', on.includes(value) && 'rule-chip-on')}
          aria-pressed={on.includes(value)}
          onClick={() => toggle(value)}
        >
          <Swatch colour={colour} /> {name}
        </button>
      ))}
    </div>
  );
}
