/** Findings as a list to be worked through: their places in order, and which warnings are ticked. */
import type { CheckReport, Finding } from '../../api';

/** A place of a finding; `place` is null where the finding has none. */
export interface Stop {
  finding: Finding;
  place: number | null;
}

/** Every place of every finding, in their order. */
export function stopsOf(findings: readonly Finding[]): Stop[] {
  return findings.flatMap((finding): Stop[] =>
    finding.places.length === 0
      ? [{ finding, place: null }]
      : finding.places.map((_, place) => ({ finding, place })),
  );
}

/** The stop that follows or precedes one, round and round; the first, or the last, where none was visited. */
export function stepped(stops: readonly Stop[], now: number | null, steps: 1 | -1): number | null {
  if (stops.length === 0) return null;
  if (now === null) return steps === 1 ? 0 : stops.length - 1;
  return (now + steps + stops.length) % stops.length;
}

/** What a tick stands for: the warning as it was read. A warning that says something else has no tick. */
export function tickOf({ key, text }: Finding): string {
  return `${key}: ${text}`;
}

export const errorsIn = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity === 'error');

export const warningsIn = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity === 'warning');

/** True where nothing is in the way of a submission. */
export function passes(report: CheckReport | null, ticked: ReadonlySet<string>): boolean {
  if (report === null || errorsIn(report.findings).length > 0) return false;
  return warningsIn(report.findings).every((finding) => ticked.has(tickOf(finding)));
}
