/** Draws a plane of labels over a pane, hatched with dashed edges, so that nobody takes it for the mask. */
import type { LabelPlane } from './outlines';

export interface Picture {
  /** One pixel for each voxel, in the colours of the labels. */
  fill: HTMLCanvasElement;
  edges: readonly { colour: string; lines: readonly number[] }[];
  voxels: number;
}

/** Places in the pane, CSS pixels: of the first voxel, the one below and the one right of it. */
export interface Corners {
  first: readonly [number, number];
  down: readonly [number, number];
  right: readonly [number, number];
}

const FILL_ALPHA = 130;
/** CSS pixels from stripe to stripe. */
const STRIPE = 7;

export function pictureOf(
  { rows, columns, labels }: LabelPlane,
  edges: ReadonlyMap<number, readonly number[]>,
  colours: ReadonlyMap<number, string>,
): Picture {
  const fill = document.createElement('canvas');
  [fill.width, fill.height] = [columns, rows];
  const context = fill.getContext('2d');
  const image = new ImageData(columns, rows);
  const table = new Uint32Array(256);
  for (const [value, colour] of colours) table[value] = packed(colour);
  const pixels = new Uint32Array(image.data.buffer);
  let voxels = 0;
  labels.forEach((label, i) => {
    if (label === 0) return;
    voxels += 1;
    pixels[i] = table[label] ?? 0;
  });
  context?.putImageData(image, 0, 0);
  return {
    fill,
    edges: [...edges].map(([value, lines]) => ({ colour: colours.get(value) ?? '#ffffff', lines })),
    voxels,
  };
}

/** Draw a picture into a canvas that fills its pane. */
export function drawOver(canvas: HTMLCanvasElement, { fill, edges }: Picture, corners: Corners): void {
  const ratio = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth * ratio, canvas.clientHeight * ratio];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext('2d');
  if (!context) return;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const place = placeOf(corners, ratio);
  context.imageSmoothingEnabled = false;
  context.setTransform(place);
  context.drawImage(fill, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  hatch(context, canvas.clientWidth, canvas.clientHeight);
  for (const { colour, lines } of edges) stroke(context, pathOf(lines, place, ratio), colour);
}

/** From corners of voxels (column, row) to device pixels. */
function placeOf({ first, down, right }: Corners, ratio: number): DOMMatrix {
  const [across, below] = [difference(right, first), difference(down, first)];
  const [x, y] = [first[0] - (across[0] + below[0]) / 2, first[1] - (across[1] + below[1]) / 2];
  const numbers = [across[0], across[1], below[0], below[1], x, y].map((number) => number * ratio);
  return new DOMMatrix(numbers);
}

const difference = (a: readonly [number, number], b: readonly [number, number]): [number, number] => [
  a[0] - b[0],
  a[1] - b[1],
];

/** Cut stripes out of what is drawn. */
function hatch(context: CanvasRenderingContext2D, width: number, height: number): void {
  context.save();
  context.globalCompositeOperation = 'destination-out';
  context.lineWidth = STRIPE * 0.42;
  context.beginPath();
  for (let x = -height; x < width; x += STRIPE) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
}

function pathOf(lines: readonly number[], place: DOMMatrix, ratio: number): Path2D {
  const path = new Path2D();
  const to = (r: number, c: number): [number, number] => [
    (place.a * c + place.c * r + place.e) / ratio,
    (place.b * c + place.d * r + place.f) / ratio,
  ];
  for (let i = 0; i < lines.length; i += 4) {
    path.moveTo(...to(lines[i] ?? 0, lines[i + 1] ?? 0));
    path.lineTo(...to(lines[i + 2] ?? 0, lines[i + 3] ?? 0));
  }
  return path;
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, colour: string): void {
  context.lineCap = 'square';
  context.lineWidth = 3;
  context.strokeStyle = 'rgb(0 0 0 / 55%)';
  context.stroke(path);
  context.lineWidth = 1.5;
  context.strokeStyle = colour;
  context.stroke(path);
}

/** #rrggbb as a pixel of little-endian RGBA. */
function packed(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16));
  return ((FILL_ALPHA << 24) | ((b ?? 0) << 16) | ((g ?? 0) << 8) | (r ?? 0)) >>> 0;
}
