/** What an operation changes, in words. */
import type { Outcome } from '../../viewer';

/** `lesion +120 −80 voxels, 3 slices`; names: of labels by value. */
export function changeInWords(
  { box, before, after, gained, lost }: Outcome,
  names: ReadonlyMap<number, string>,
): string {
  if (!box) return 'nothing changes';
  const parts = [...names].flatMap(([value, name]) => {
    const [more, less] = [gained[value] ?? 0, lost[value] ?? 0];
    const signs = [more > 0 ? `+${grouped(more)}` : '', less > 0 ? `−${grouped(less)}` : ''];
    return more + less > 0 ? [`${name} ${signs.filter(Boolean).join(' ')}`] : [];
  });
  const slices = changedSlices(before, after, box.shape[0]);
  const total = gained.reduce((sum, count) => sum + count, 0);
  return `${parts.join(', ')} ${total === 1 ? 'voxel' : 'voxels'}, ${slices} ${slices === 1 ? 'slice' : 'slices'}`;
}

function changedSlices(before: Uint8Array, after: Uint8Array, depth: number): number {
  const size = before.length / depth;
  return Array.from({ length: depth }, (_, z) => z * size).filter((from) => {
    for (let i = from; i < from + size; i += 1) if (before[i] !== after[i]) return true;
    return false;
  }).length;
}

const grouped = (count: number): string => count.toLocaleString('en');
