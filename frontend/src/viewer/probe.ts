/** What end-to-end tests read from the page: voxels and places, never pixels of the picture. */
import type { Vec3 } from './grid';
import type { PaneId, PaneRef, PaneSpec } from './paneSpec';
import type { PlaneName } from './planes';
import type { Viewer } from './Viewer';
import type { WindowRange } from './windows';

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
  clientPoint: (z: number, y: number, x: number, pane?: PaneRef) => { x: number; y: number } | null;
  /** Take all panes through a voxel. */
  goTo: (z: number, y: number, x: number) => void;
  slice: (pane?: PaneRef) => number;
  phase: () => number;
  /** What each pane shows, its key of the source being the one that is drawn. */
  panes: () => PaneProbe[];
  /** Steps that can be undone, the memory that they take, and how the next ones are called. */
  history: () => { steps: number; bytes: number; undo: string | null; redo: string | null };
}

export interface PaneProbe extends Omit<PaneSpec, 'source'> {
  source: string;
  slice: number;
  /** In the unit of the source. */
  window: WindowRange;
  /** CSS pixels. */
  pixelsPerMm: number;
  /** Whether the camera really stands at the slice. */
  placed: boolean;
  /** Grey value (0 to 255) that is drawn where a voxel lies. */
  greyAt: (z: number, y: number, x: number) => number;
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
    clientPoint: (z, y, x, pane = viewer.mainPlane) => clientPoint(viewer, pane, [z, y, x]),
    goTo: (z, y, x) => viewer.goTo([z, y, x]),
    slice: (pane = viewer.mainPlane) => viewer.slice(pane),
    phase: () => viewer.phase,
    panes: () => viewer.shownPanes.map((spec) => paneProbe(viewer, spec)),
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

function clientPoint(viewer: Viewer, pane: PaneRef, zyx: Vec3): { x: number; y: number } | null {
  const box = viewer.paneElement(pane)?.getBoundingClientRect();
  if (!box) return null;
  const [x, y] = viewer.canvasPoint(pane, zyx);
  return { x: box.left + x, y: box.top + y };
}

function paneProbe(viewer: Viewer, spec: PaneSpec): PaneProbe {
  const { id } = spec;
  const source = viewer.sourceIn(id);
  return {
    ...spec,
    source,
    slice: viewer.slice(id),
    window: viewer.windowing.of(source),
    pixelsPerMm: viewer.pixelsPerMm(id),
    placed: viewer.isPlaced(id),
    greyAt: (z, y, x) => greyAt(viewer, id, [z, y, x]),
  };
}

function greyAt(viewer: Viewer, id: PaneId, zyx: Vec3): number {
  const canvas = viewer.paneElement(id)?.querySelector('canvas');
  if (!canvas) return 0;
  const [x, y] = viewer.canvasPoint(id, zyx);
  const scale = canvas.width / canvas.clientWidth;
  return canvas.getContext('2d')?.getImageData(x * scale, y * scale, 1, 1).data[0] ?? 0;
}
