/** Which slices a manager may ask for. Slices count from 0. Pure. */
import { readRanges } from '../annotate/proposal/cells';

export type Wish =
  | { kind: 'whole' }
  | { kind: 'list'; text: string }
  | { kind: 'every'; step: number }
  | { kind: 'spread'; count: number }
  | { kind: 'doubt'; count: number };

/**
 * The slices of a wish among `size`, ascending; null asks for the whole volume, undefined where the wish makes no sense.
 *
 * doubt: how unsure the model was of each slice, null where that is not known. The text of a list counts from 1.
 */
export function slicesOf(
  wish: Wish,
  size: number,
  doubt: readonly number[] | null,
): number[] | null | undefined {
  switch (wish.kind) {
    case 'whole':
      return null;
    case 'list':
      return listed(wish.text, size);
    case 'every':
      return isCount(wish.step, size)
        ? Array.from({ length: Math.ceil(size / wish.step) }, (_, n) => n * wish.step)
        : undefined;
    case 'spread':
      return isCount(wish.count, size)
        ? Array.from({ length: wish.count }, (_, n) => Math.floor(((n + 0.5) * size) / wish.count))
        : undefined;
    case 'doubt':
      return doubt && isCount(wish.count, size) ? mostDoubtful(doubt, wish.count) : undefined;
  }
}

const isCount = (count: number, size: number): boolean =>
  Number.isInteger(count) && count >= 1 && count <= size;

function listed(text: string, size: number): number[] | undefined {
  const numbers = readRanges(text);
  const slices = numbers && [...numbers].map((number) => number - 1).sort((a, b) => a - b);
  return slices?.every((z) => z >= 0 && z < size) ? slices : undefined;
}

function mostDoubtful(doubt: readonly number[], count: number): number[] {
  const order = [...doubt.keys()].sort((a, b) => (doubt[b] ?? 0) - (doubt[a] ?? 0) || a - b);
  return order.slice(0, count).sort((a, b) => a - b);
}
