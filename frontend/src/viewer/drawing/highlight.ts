/** Voxels of the slice shown whose intensity lies in a range, tinted over the picture. */
import { at, type Grid } from '../grid';
import type { DrawPane } from './pane';
import type { IntensityRange } from './rules';
import { type SliceShape, sliceShape, toZyx } from './slice';

/** Red, green, blue and how much of them, each 0 to 255. */
const TINT = 0x70c8c43c; // little-endian: alpha, blue, green, red

export class Highlight {
  private readonly tinted = document.createElement('canvas');
  private key = '';
  private clear = true;

  constructor(
    private readonly grid: Grid,
    private readonly pane: DrawPane,
    private readonly canvas: HTMLCanvasElement,
  ) {}

  /** Show a range of stored intensities as the pane stands now, or none. */
  show(range: IntensityRange | null): void {
    if (!range && this.clear) return;
    this.clear = !range;
    const { clientWidth, clientHeight } = this.pane.element;
    if (this.canvas.width !== clientWidth) this.canvas.width = clientWidth;
    if (this.canvas.height !== clientHeight) this.canvas.height = clientHeight;
    const context = this.canvas.getContext('2d');
    if (!context) return;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, clientWidth, clientHeight);
    if (!range) return;
    const shape = sliceShape(this.grid, this.pane.plane.axis);
    this.tint(shape, range);
    this.place(context, shape);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.tinted, 0, 0);
  }

  /** Pixel (u, v) of the tint comes over its voxel. */
  private place(context: CanvasRenderingContext2D, shape: SliceShape): void {
    const point = (u: number, v: number): [number, number] =>
      this.pane.canvasPoint(toZyx(shape, this.pane.slice(), [u - 0.5, v - 0.5]));
    const [[x, y], [xu, yu], [xv, yv]] = [point(0, 0), point(shape.size[0], 0), point(0, shape.size[1])];
    const [nu, nv] = shape.size;
    context.setTransform((xu - x) / nu, (yu - y) / nu, (xv - x) / nv, (yv - y) / nv, x, y);
  }

  private tint(shape: SliceShape, { low, high }: IntensityRange): void {
    const slice = this.pane.slice();
    const key = [this.pane.sourceKey(), slice, low, high].join(' ');
    if (key === this.key) return;
    const [nu, nv] = shape.size;
    this.tinted.width = nu;
    this.tinted.height = nv;
    const context = this.tinted.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(nu, nv);
    const pixels = new Uint32Array(picture.data.buffer);
    const isWhole = this.eachRow(shape, slice, (v, values, from, stride) => {
      for (let u = 0; u < nu; u += 1) {
        const value = values[from + u * stride] ?? NaN;
        if (value >= low && value <= high) pixels[v * nu + u] = TINT;
      }
    });
    context.putImageData(picture, 0, 0);
    this.key = isWhole ? key : '';
  }

  /** Rows of intensities of a slice. Returns whether all have arrived. */
  private eachRow(
    shape: SliceShape,
    slice: number,
    each: (v: number, values: ArrayLike<number>, from: number, stride: number) => void,
  ): boolean {
    const columns = at(this.grid.shapeZyx, 2);
    let isWhole = true;
    for (let v = 0; v < shape.size[1]; v += 1) {
      const [z, y, x] = toZyx(shape, slice, [0, v]);
      const values = this.pane.intensities(z);
      if (values) each(v, values, y * columns + x, shape.u === 1 ? columns : 1);
      else isWhole = false;
    }
    return isWhole;
  }
}
