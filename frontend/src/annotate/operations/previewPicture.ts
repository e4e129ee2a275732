/** What an operation would change, as a picture of one slice. */
import { at, type Box3, DIFFERENCE_COLOURS, type Outcome, type Plane, type Vec3 } from '../../viewer';

const ALPHA = 0.75 * 255;

export interface PreviewPicture {
  image: OffscreenCanvas;
  /** Voxels at the picture's corners, half a voxel beyond the middles: top left, top right, bottom left. */
  corners: readonly [Vec3, Vec3, Vec3];
}

/** The changed voxels of a slice of a plane; null where it has none. */
export function previewPicture(
  { box, before, after }: Outcome,
  { axis }: Plane,
  slice: number,
): PreviewPicture | null {
  if (!box || slice < box.start[axis] || slice >= box.start[axis] + box.shape[axis]) return null;
  const [down, across] = ([0, 1, 2] as const).filter((other) => other !== axis) as [0 | 1 | 2, 0 | 1 | 2];
  const [height, width] = [box.shape[down], box.shape[across]];
  const steps: Vec3 = [box.shape[1] * box.shape[2], box.shape[2], 1];
  const pixels = new ImageData(width, height);
  const first = (slice - box.start[axis]) * steps[axis];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const i = first + y * steps[down] + x * steps[across];
      if (before[i] !== after[i])
        pixels.data.set([...colourOf(before[i] ?? 0, after[i] ?? 0), ALPHA], (y * width + x) * 4);
    }
  }
  const image = new OffscreenCanvas(width, height);
  image.getContext('2d')?.putImageData(pixels, 0, 0);
  return { image, corners: cornersOf(box, axis, down, across, slice) };
}

/** Draw a picture where its voxels are. point: CSS pixels of a place (z, y, x) in the pane. */
export function drawPreview(
  canvas: HTMLCanvasElement,
  picture: PreviewPicture | null,
  point: (zyx: Vec3) => [number, number],
): void {
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(canvas.clientHeight * scale);
  const context = canvas.getContext('2d');
  if (!context || !picture) return;
  const { image, corners } = picture;
  const [[x, y], [right, rightY], [below, belowY]] = corners.map(point) as [
    [number, number],
    [number, number],
    [number, number],
  ];
  context.scale(scale, scale);
  context.transform(
    (right - x) / image.width,
    (rightY - y) / image.width,
    (below - x) / image.height,
    (belowY - y) / image.height,
    x,
    y,
  );
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0);
}

function cornersOf(
  box: Box3,
  axis: number,
  down: number,
  across: number,
  slice: number,
): PreviewPicture['corners'] {
  const corner = (dy: number, dx: number): Vec3 => {
    const zyx: Vec3 = [0, 0, 0];
    zyx[axis] = slice;
    zyx[down] = at(box.start, down) - 0.5 + dy * at(box.shape, down);
    zyx[across] = at(box.start, across) - 0.5 + dx * at(box.shape, across);
    return zyx;
  };
  return [corner(0, 0), corner(0, 1), corner(1, 0)];
}

function colourOf(old: number, now: number): [number, number, number] {
  const kind = now === 0 ? 'removed' : old === 0 ? 'added' : 'relabelled';
  const colour = DIFFERENCE_COLOURS[kind];
  return [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16)) as [number, number, number];
}
