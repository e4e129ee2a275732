/** A rule of a project as it is edited, and what a rule of each kind is called. */
import type { CheckRule, ProjectChecks, RuleKind } from '../../api';

export const SEVERITIES = [
  { value: 'off', label: 'Off' },
  { value: 'warning', label: 'Warning' },
  { value: 'error', label: 'Error' },
] as const;

export type Severity = CheckRule['severity'];

export function kindOf({ kinds }: ProjectChecks, rule: CheckRule): RuleKind | undefined {
  return kinds.find(({ name }) => name === rule.rule);
}

/** The rules with one of them changed. */
export function changed(rules: readonly CheckRule[], at: number, change: Partial<CheckRule>): CheckRule[] {
  return rules.map((rule, n) => (n === at ? { ...rule, ...change } : rule));
}

/** The rules when one takes up a label or drops it; another rule of its kind loses the label that this one takes. */
export function withLabel(rules: readonly CheckRule[], at: number, label: number): CheckRule[] {
  const here = rules[at];
  if (!here) return [...rules];
  const takes = !here.labels.includes(label);
  return rules.map((rule, n) => {
    if (n === at)
      return { ...rule, labels: takes ? risen([...rule.labels, label]) : without(rule.labels, label) };
    return takes && rule.rule === here.rule ? { ...rule, labels: without(rule.labels, label) } : rule;
  });
}

/** Another list of labels when it takes up a label or drops it. */
export function withOther(rule: CheckRule, name: string, label: number): Partial<CheckRule> {
  const values = rule.others[name] ?? [];
  const next = values.includes(label) ? without(values, label) : risen([...values, label]);
  return { others: { ...rule.others, [name]: next } };
}

const without = (values: readonly number[], value: number): number[] =>
  values.filter((other) => other !== value);

const risen = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
