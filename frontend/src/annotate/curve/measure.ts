/** Mean signal of a region in every phase. */
import type { Phase } from '../../api';
import type { Sample } from './kinetics';
import { type Region, sizeOf, sumOver } from './region';

/** Stored values (Y·X,) of a slice of a phase. Rejects when it cannot be had. */
export type ReadStored = (phase: number, z: number) => Promise<Int16Array>;

const PRECONTRAST = 'pre-contrast';

/** Whether each phase was taken before contrast, as the server names them; the first always was. */
export function precontrast(phases: readonly Pick<Phase, 'label'>[]): boolean[] {
  const firstPost = phases.findIndex(({ label }) => !label.startsWith(PRECONTRAST));
  const before = firstPost < 0 ? phases.length : Math.max(firstPost, 1);
  return phases.map((_, n) => n < before);
}

/**
 * Mean scanner value of the region in each phase, null where one of its slices is missing. Slices come one after the
 * other, so that a region of many voxels never holds up the page. Stops, with null, when told to.
 */
export async function measure(
  phases: readonly Phase[],
  region: Region,
  read: ReadStored,
  stopped: () => boolean,
  onProgress: (fraction: number) => void = () => undefined,
): Promise<Sample[] | null> {
  const sums: (number | null)[] = phases.map(() => 0);
  let done = 0;
  for (const [z, offsets] of region) {
    const parts = await Promise.all(phases.map(({ index }) => sumOf(read(index, z), offsets)));
    if (stopped()) return null;
    parts.forEach((part, n) => {
      const before = sums[n] ?? null;
      sums[n] = part === null || before === null ? null : before + part;
    });
    done += 1;
    onProgress(done / region.size);
  }
  const pre = precontrast(phases);
  const size = sizeOf(region);
  return phases.map(({ time_s, slope, intercept }, n) => {
    const sum = sums[n] ?? null;
    const value = sum === null || size === 0 ? null : (sum / size) * slope + intercept;
    return { seconds: time_s, value, pre: pre[n] ?? false };
  });
}

async function sumOf(slice: Promise<Int16Array>, offsets: Uint32Array): Promise<number | null> {
  try {
    return sumOver(await slice, offsets);
  } catch {
    return null; // the curve has a gap where the server gives no slice
  }
}
