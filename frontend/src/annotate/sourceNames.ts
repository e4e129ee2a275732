/** What sources are called in the panes and their menus. */
import type { Derived, Phase, Volume } from '../api';
import type { Pick as Choice } from '../ui';
import { phaseKey } from '../viewer';
import { isUnderWay } from './derived';

/** Short name of a phase: `Pre`, `Post 1`; its number where nothing is known of contrast. */
export function phaseName({ index }: Pick<Phase, 'index'>, isDce: boolean): string {
  if (!isDce) return `Phase ${index}`;
  return index === 0 ? 'Pre' : `Post ${index}`;
}

/** Short name of any source: `Post 1 − Pre`, `DCE-in`, `Post 1, %`. */
export function sourceName(key: string, isDce: boolean): string {
  const name = (index: string): string => phaseName({ index: Number(index) }, isDce);
  const [, later, earlier, percent] = /^phase(\d+)(?:-phase(\d+))?(-percent)?$/.exec(key) ?? [];
  if (later === undefined) return SPECIAL[key] ?? key;
  if (earlier === undefined) return name(later);
  return percent === undefined ? `${name(later)} − ${name(earlier)}` : `${name(later)} / ${name(earlier)}, %`;
}

const SPECIAL: Record<string, string> = { dce_in: 'DCE-in', dce_out: 'DCE-out' };

export function phasePicks(volume: Volume): Choice[] {
  return volume.phases.map((phase) => ({
    value: phaseKey(phase.index),
    label: phaseName(phase, volume.is_dce),
    ...(phase.time_s === null || phase.index === 0 ? {} : { note: `${Math.round(phase.time_s)} s` }),
  }));
}

export function derivedPicks(derived: readonly Derived[], isDce: boolean): Choice[] {
  return derived.map(({ key, state }) => ({
    value: key,
    label: sourceName(key, isDce),
    ...(state === 'ready' ? {} : { note: isUnderWay(state) ? 'being made' : 'not made yet' }),
  }));
}
