/** What end-to-end tests read of the surfaces: where they lie, never pixels of the picture. */
import { type Grid, toLps, type Vec3 } from '../grid';
import { type Plane, type PlaneName, PLANES } from '../planes';
import type { Mesh } from './mesh';
import type { SurfaceScene } from './scene';

export interface SurfaceProbe {
  labels: number[];
  /** The planes that scroll along z, y and x. */
  planes: PlaneName[];
  /** Smallest and largest LPS mm of a label's surface along each axis, or null where it has none. */
  bounds: (label: number) => [Vec3, Vec3] | null;
  vertices: (label: number) => number;
  /** Where a voxel lies in the window, in CSS pixels. */
  clientPoint: (z: number, y: number, x: number) => { x: number; y: number };
}

declare global {
  interface Window {
    __ninefoldSurface?: SurfaceProbe;
  }
}

/** Put the probe on the window; the answer takes it away again. */
export function exposeSurfaceProbe(
  scene: SurfaceScene,
  meshes: ReadonlyMap<number, Mesh>,
  grid: Grid,
  planes: Record<PlaneName, Plane>,
): () => void {
  const probe: SurfaceProbe = {
    labels: [...meshes.keys()],
    planes: [...PLANES].sort((a, b) => planes[a].axis - planes[b].axis),
    bounds: (label) => boundsOf(meshes.get(label)?.points),
    vertices: (label) => (meshes.get(label)?.points.length ?? 0) / 3,
    clientPoint: (z, y, x) => scene.clientPoint(toLps(grid, [z, y, x])),
  };
  window.__ninefoldSurface = probe;
  return () => {
    if (window.__ninefoldSurface === probe) delete window.__ninefoldSurface;
  };
}

function boundsOf(points: Float32Array | undefined): [Vec3, Vec3] | null {
  if (!points || points.length === 0) return null;
  const least: Vec3 = [Infinity, Infinity, Infinity];
  const most: Vec3 = [-Infinity, -Infinity, -Infinity];
  points.forEach((mm, n) => {
    const axis = (n % 3) as 0 | 1 | 2;
    least[axis] = Math.min(least[axis], mm);
    most[axis] = Math.max(most[axis], mm);
  });
  return [least, most];
}
