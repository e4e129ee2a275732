/** Asks the worker for the surfaces of a mask. */
import type { Grid } from '../grid';
import type { Mesh } from './mesh';
import type { SurfaceAnswer, SurfaceRequest } from './worker';

/** Name under which the browser's timeline has the work of each making. */
export const SURFACE_WORK = 'surfaces';

/** Surfaces of all labels of the mask as it is now, by value. Rejects when told to stop, and when the worker fails. */
export function makeSurfaces(
  grid: Grid,
  slice: (z: number) => Uint8Array,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Mesh>> {
  const [depth, height, width] = grid.shapeZyx;
  const labels = new Uint8Array(depth * height * width);
  for (let z = 0; z < depth; z += 1) labels.set(slice(z), z * height * width);
  const { shapeZyx, spacingZyxMm, affine } = grid;
  const request: SurfaceRequest = { labels, frame: { shapeZyx, spacingZyxMm, affine } };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<ReadonlyMap<number, Mesh>>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
    worker.onmessage = ({ data: { meshes, ms } }: MessageEvent<SurfaceAnswer>) => {
      performance.measure(SURFACE_WORK, { start: performance.now() - ms, duration: ms });
      resolve(meshes);
    };
    worker.onerror = ({ message }) => reject(new Error(`the surfaces could not be made: ${message}`));
    worker.postMessage(request, [labels.buffer]);
  }).finally(() => worker.terminate());
}
