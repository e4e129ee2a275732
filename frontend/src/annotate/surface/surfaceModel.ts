/** The surfaces of one desk's mask in one scene. */
import { at, type Vec3 } from '../../viewer';
import { exposeSurfaceProbe, firstVoxel, makeSurfaces, SurfaceScene } from '../../viewer/surface';
import type { Desk } from '../desk';

/** of: the counts of slices as they were when the surfaces were made, which tell whether they are old. */
export type SurfaceStage =
  | { name: 'making' }
  | { name: 'shown'; of: unknown; labels: readonly number[] }
  | { name: 'failed'; error: unknown };

export interface Look {
  hidden: ReadonlySet<number>;
  chosen: number;
  /** Whether all labels but the chosen one are glass. */
  through: boolean;
}

const GLASS = 0.25;
/** Distances in px from a click at which a surface is still meant. */
const NEAR_PX = [0, 3];

export class SurfaceModel {
  private readonly scene: SurfaceScene;
  private stopping = new AbortController();
  private hideProbe: (() => void) | null = null;

  constructor(
    private readonly desk: Desk,
    element: HTMLElement,
    private readonly onStage: (stage: SurfaceStage) => void,
  ) {
    this.scene = new SurfaceScene(element, (x, y) => this.click(x, y));
  }

  /** Make the surfaces of the mask as it is now. */
  make(): void {
    this.stopping.abort();
    this.stopping = new AbortController();
    this.onStage({ name: 'making' });
    this.run(this.stopping.signal).catch((error: unknown) => {
      if (!(error instanceof DOMException)) this.onStage({ name: 'failed', error });
    });
  }

  look({ hidden, chosen, through }: Look): void {
    for (const { value, colour } of this.desk.labels) {
      const opacity = through && value !== chosen ? GLASS : 1;
      this.scene.setLook(value, { colour, visible: !hidden.has(value), opacity });
    }
    this.scene.render();
  }

  lookFromFront(): void {
    this.scene.lookFromFront();
  }

  destroy(): void {
    this.stopping.abort();
    this.hideProbe?.();
    this.scene.destroy();
  }

  private async run(signal: AbortSignal): Promise<void> {
    const { viewer } = this.desk;
    const of = this.desk.state.labelsBySlice;
    const meshes = await makeSurfaces(viewer.grid, (z) => viewer.mask.slice(z), signal);
    if (signal.aborted) return;
    this.scene.show(meshes);
    this.hideProbe?.();
    this.hideProbe = exposeSurfaceProbe(this.scene, meshes, viewer.grid, viewer.planes);
    this.onStage({ name: 'shown', of, labels: [...meshes.keys()] });
  }

  /** Take the planes to what is seen at a point of the window, or right beside it. */
  private click(x: number, y: number): void {
    const { viewer, state } = this.desk;
    const width = at(viewer.grid.shapeZyx, 2);
    const labelAt = ([z, row, column]: Readonly<Vec3>): number =>
      viewer.mask.slice(z)[row * width + column] ?? 0;
    const seen = (label: number): boolean => label > 0 && !state.hidden.has(label);
    for (const [dx, dy] of around(NEAR_PX)) {
      const found = firstVoxel(viewer.grid, labelAt, seen, ...this.scene.ray(x + dx, y + dy));
      if (found) {
        this.desk.goTo(...found);
        return;
      }
    }
  }
}

/** A point, then the four beside it at each distance. */
function around(distances: readonly number[]): [number, number][] {
  return distances.flatMap((d): [number, number][] =>
    d === 0
      ? [[0, 0]]
      : [
          [d, 0],
          [-d, 0],
          [0, d],
          [0, -d],
        ],
  );
}
