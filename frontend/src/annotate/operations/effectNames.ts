import {
  ArrowRightLeft,
  CircleDot,
  CopyPlus,
  Eraser,
  Expand,
  Layers,
  type LucideIcon,
  PaintBucket,
  ScanSearch,
  SquaresUnite,
  Waves,
  Wand,
} from 'lucide-react';

import { type CommandId, hintOf } from '../keys';
import type { Effect } from './settings';

interface EffectName {
  title: string;
  /** What it does, for a tooltip. */
  does: string;
  icon: LucideIcon;
  command?: CommandId;
}

export const EFFECT_NAMES: Record<Effect, EffectName> = {
  grow: { title: 'Grow', does: 'Grow a region of like intensity from a click', icon: Wand, command: 'grow' },
  fill: {
    title: 'Fill',
    does: 'Fill the region of one label, or enclosed background, with a click',
    icon: PaintBucket,
    command: 'fill',
  },
  interpolate: {
    title: 'Between',
    does: 'Fill the gaps between drawn slices',
    icon: Layers,
    command: 'interpolate',
  },
  copy: {
    title: 'Copy',
    does: 'Copy this slice to the next or the previous',
    icon: CopyPlus,
    command: 'copy-next',
  },
  smooth: { title: 'Smooth', does: 'Smooth the edge of the label', icon: Waves, command: 'smooth' },
  margin: { title: 'Margin', does: 'Grow or shrink the label by mm', icon: Expand },
  islands: { title: 'Islands', does: 'Keep or remove separate parts of the label', icon: ScanSearch },
  holes: { title: 'Holes', does: 'Fill the holes of the label', icon: CircleDot },
  combine: { title: 'Combine', does: 'Unite, subtract or intersect with another label', icon: SquaresUnite },
  move: { title: 'Move', does: 'Turn the label into another, or swap the two', icon: ArrowRightLeft },
  clear: { title: 'Clear', does: 'Remove the label', icon: Eraser },
};

/** The key of an effect as it is printed; empty where it has none. */
export function hintFor(effect: Effect): string {
  const { command } = EFFECT_NAMES[effect];
  return command === undefined ? '' : hintOf(command);
}
