/** What end-to-end tests read from the page: voxels and places, never pixels of the picture. */
import type { Vec3 } from './grid';
import type { PlaneName } from './planes';
import type { Viewer } from './Viewer';

export interface Probe {
  ready: boolean;
  mainPlane: PlaneName;
  shapeZyx: Vec3;
  /** Label of a voxel of the mask as it is drawn now. */
  labelAt: (z: number, y: number, x: number) => number;
  /** Labels (Y·X,) of a slice of the mask as it is drawn now. */
  labels: (z: number) => Uint8Array;
  /** Voxels of a label in the mask as it is drawn now. */
  voxelCount: (label: number) => number;
  /** Where the middle of a voxel lies in the window, in CSS pixels. */
  clientPoint: (z: number, y: number, x: number, plane?: PlaneName) => { x: number; y: number } | null;
  /** Take all panes through a voxel. */
  goTo: (z: number, y: number, x: number) => void;
  slice: (plane?: PlaneName) => number;
  phase: () => number;
  /** Steps that can be undone, the memory that they take, and how the next ones are called. */
  history: () => { steps: number; bytes: number; undo: string | null; redo: string | null };
}

declare global {
  interface Window {
    __ninefold?: Probe;
  }
}

/** Put the probe of a case on the window; the answer takes it away again. */
export function exposeProbe(viewer: Viewer): () => void {
  const probe: Probe = {
    ready: true,
    mainPlane: viewer.mainPlane,
    shapeZyx: viewer.grid.shapeZyx,
    labelAt: (z, y, x) => viewer.mask.slice(z)[y * viewer.grid.shapeZyx[2] + x] ?? 0,
    labels: (z) => viewer.mask.slice(z),
    voxelCount: (label) => countLabel(viewer, label),
    clientPoint: (z, y, x, plane = viewer.mainPlane) => clientPoint(viewer, plane, [z, y, x]),
    goTo: (z, y, x) => viewer.goTo([z, y, x]),
    slice: (plane = viewer.mainPlane) => viewer.slice(plane),
    phase: () => viewer.phase,
    history: () => {
      const { steps, bytes, undoTitle, redoTitle } = viewer.mask.past;
      return { steps, bytes, undo: undoTitle, redo: redoTitle };
    },
  };
  window.__ninefold = probe;
  return () => {
    if (window.__ninefold === probe) delete window.__ninefold;
  };
}

function countLabel(viewer: Viewer, label: number): number {
  let count = 0;
  for (let z = 0; z < viewer.grid.shapeZyx[0]; z += 1) {
    for (const value of viewer.mask.slice(z)) if (value === label) count += 1;
  }
  return count;
}

function clientPoint(viewer: Viewer, plane: PlaneName, zyx: Vec3): { x: number; y: number } | null {
  const box = viewer.paneElement(plane)?.getBoundingClientRect();
  if (!box) return null;
  const [x, y] = viewer.canvasPoint(plane, zyx);
  return { x: box.left + x, y: box.top + y };
}
