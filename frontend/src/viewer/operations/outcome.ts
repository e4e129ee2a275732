/** What an operation changes once the rules of painting have had their say. */
import { masked, type PaintRules } from '../drawing/rules';
import { type Block, boundsOf, type Box3, cut } from './block';
import type { Operation } from './operation';
import { perform } from './perform';

export interface Outcome {
  /** Where something changes, in the volume; null where nothing does. */
  box: Box3 | null;
  /** Labels of that box before and after. */
  before: Uint8Array<ArrayBuffer>;
  after: Uint8Array<ArrayBuffer>;
  /** Voxels by label, [label] gained and lost. */
  gained: Uint32Array<ArrayBuffer>;
  lost: Uint32Array<ArrayBuffer>;
}

/** Perform an operation on a block. Raises CannotDoError with the reason where there is nothing to do. */
export function outcomeOf(
  block: Block,
  operation: Operation,
  rules: PaintRules,
  onProgress: (fraction: number) => void = () => undefined,
): Outcome {
  const wanted = perform(block, operation, onProgress);
  const allowed = masked(block.labels, wanted, block.judged ?? null, rules);
  const changed = allowed.map((label, i) => Number(label !== block.labels[i]));
  const box = boundsOf(changed, block.shape, Uint8Array.of(0, 1));
  const [gained, lost] = [new Uint32Array(256), new Uint32Array(256)];
  if (!box) return { box, before: new Uint8Array(), after: new Uint8Array(), gained, lost };
  const [before, after] = [block.labels, allowed].map((labels) => {
    return new Uint8Array(cut(labels, block.shape, box));
  }) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  before.forEach((old, i) => {
    const now = after[i] as number;
    if (old === now) return;
    lost[old] = (lost[old] as number) + 1;
    gained[now] = (gained[now] as number) + 1;
  });
  const start = box.start.map((n, axis) => n + (block.start[axis] as number)) as Box3['start'];
  return { box: { start, shape: box.shape }, before, after, gained, lost };
}
