/** Performs operations on blocks of labels: every one is a function from labels to labels. */
import type { Vec3 } from '../grid';
import { type Block, boundsOf, cut, maskOf, offset, paste, reach, widened } from './block';
import { flood } from './components';
import { filled, filledBySlice, sliceBox } from './holes';
import { interpolated } from './interpolation';
import { type Keep, keptIslands } from './islands';
import { closed, grown, opened, shrunk } from './morphology';
import { type Axis, CannotDoError, type Operation } from './operation';
import { rangeAround, regionAround } from './regionGrow';
import { gaussianSmoothed, medianSmoothed } from './smoothing';

type OnProgress = (fraction: number) => void;
type Of<Kind extends Operation['kind']> = Extract<Operation, { kind: Kind }>;
type Change = (mask: Uint8Array, shape: Vec3, spacingMm: Vec3, start: Vec3) => Uint8Array;

/** Labels (Z·Y·X,) of the block after an operation. Raises CannotDoError with the reason where there is nothing to do. */
export function perform(block: Block, operation: Operation, onProgress: OnProgress): Uint8Array {
  const does = PERFORMERS[operation.kind] as (b: Block, o: Operation, p: OnProgress) => Uint8Array;
  return does(block, operation, onProgress);
}

const PERFORMERS: { [Kind in Operation['kind']]: (b: Block, o: Of<Kind>, p: OnProgress) => Uint8Array } = {
  smooth: (block, { label, method, mm }) =>
    reshaped(block, label, method === 'gaussian' ? 4 * mm : mm, (mask, shape, spacing) =>
      SMOOTHERS[method](mask, shape, spacing, mm),
    ),
  margin: (block, { label, mm }) =>
    reshaped(block, label, Math.abs(mm), (mask, shape, spacing) =>
      mm > 0 ? grown(mask, shape, spacing, mm) : shrunk(mask, shape, spacing, -mm),
    ),
  'largest-island': (block, { label, connectivity }) =>
    islands(block, label, connectivity, () => ({ which: 'largest' })),
  'small-islands': (block, { label, connectivity, leastMm3 }) => {
    const voxels = leastMm3 / block.spacingMm.reduce((a, b) => a * b, 1);
    return islands(block, label, connectivity, () => ({ which: 'from-size', voxels }));
  },
  'picked-island': (block, { label, connectivity, seed }) => {
    if (block.labels[offset(block.shape, seed)] !== label)
      throw new CannotDoError('Click on a voxel of the label whose island is to stay.');
    return islands(block, label, connectivity, (start, shape) => ({
      which: 'picked',
      seed: offset(shape, seed.map((n, i) => n - (start[i] as number)) as Vec3),
    }));
  },
  holes: (block, { label, axis }) =>
    reshaped(block, label, 0, (mask, shape) =>
      axis === null ? filled(mask, shape) : filledBySlice(mask, shape, axis),
    ),
  interpolate: (block, { label, axis }, onProgress) =>
    reshaped(block, label, 0, (mask, shape, spacing) => interpolated(mask, shape, spacing, axis, onProgress)),
  copy: copied,
  boolean: combined,
  move: ({ labels }, { label, into }) => labels.map((value) => (value === label ? into : value)),
  swap: ({ labels }, { label, other }) =>
    labels.map((value) => (value === label ? other : value === other ? label : value)),
  clear: ({ labels }, { label }) => labels.map((value) => (value === label ? 0 : value)),
  fill: painted,
  grow: (block, { label, seed, width, radiusMm }) => {
    const { intensities, shape, spacingMm } = block;
    if (!intensities) throw new CannotDoError('The picture has not arrived yet.');
    const range = rangeAround(intensities, shape, spacingMm, seed, width);
    return joined(block.labels, regionAround(intensities, shape, spacingMm, seed, range, radiusMm), label);
  },
};

const SMOOTHERS = { median: medianSmoothed, gaussian: gaussianSmoothed, closing: closed, opening: opened };

/** The labels with one of them given another form; it is worked on within its bounds and a margin around. */
function reshaped({ labels, shape, spacingMm }: Block, label: number, marginMm: number, change: Change) {
  const bounds = boundsOf(labels, shape, onlyLabel(label));
  if (!bounds) throw new CannotDoError('The label is not there.');
  const box = widened(bounds, reach(marginMm, spacingMm, shape), shape);
  const part = cut(labels, shape, box);
  const mask = maskOf(part, label);
  const after = change(mask, box.shape, spacingMm, box.start);
  const result = new Uint8Array(labels);
  for (let i = 0; i < part.length; i += 1) {
    if (mask[i] !== after[i]) part[i] = after[i] === 1 ? label : 0;
  }
  paste(result, shape, part, box);
  return result;
}

function islands(
  block: Block,
  label: number,
  connectivity: 6 | 26,
  keep: (start: Vec3, shape: Vec3) => Keep,
): Uint8Array {
  return reshaped(block, label, 0, (mask, shape, _, start) =>
    keptIslands(mask, shape, connectivity, keep(start, shape)),
  );
}

/** The label's voxels go over what is there, as drawn; of all labels, the slice becomes the same. */
function copied({ labels, shape }: Block, { label, axis, from, to }: Of<'copy'>): Uint8Array {
  const source = cut(labels, shape, sliceBox(shape, axis, from));
  const target = cut(labels, shape, sliceBox(shape, axis, to));
  if (label !== null && !source.includes(label))
    throw new CannotDoError('This slice does not have the label.');
  const copy = label === null ? source : target.map((old, i) => (source[i] === label ? label : old));
  const result = new Uint8Array(labels);
  paste(result, shape, copy, sliceBox(shape, axis, to));
  return result;
}

function combined(block: Block, { operator, label, other, mm, into }: Of<'boolean'>): Uint8Array {
  const { labels, shape, spacingMm } = block;
  const bounds = boundsOf(labels, shape, onlyLabel(label, other));
  if (!bounds) throw new CannotDoError('Neither label is there.');
  const box = widened(bounds, reach(mm, spacingMm, shape), shape);
  const part = cut(labels, shape, box);
  const mask = maskOf(part, label);
  const second = maskOf(part, other);
  const with_ = mm > 0 ? grown(second, box.shape, spacingMm, mm) : second;
  for (let i = 0; i < part.length; i += 1) {
    const [a, b] = [mask[i] === 1, with_[i] === 1];
    const inside = operator === 'union' ? a || b : operator === 'subtract' ? a && !b : a && b;
    if (inside) part[i] = into;
    else if (part[i] === into) part[i] = 0;
  }
  const result = new Uint8Array(labels);
  paste(result, shape, part, box);
  return result;
}

/** The region of one value around a voxel takes the label; a background that reaches the end of the slice does not. */
function painted({ labels, shape }: Block, { label, seed }: Of<'fill'>): Uint8Array {
  const start = offset(shape, seed);
  const old = labels[start] as number;
  if (old === label) throw new CannotDoError('This region has the label already.');
  const region = new Uint8Array(labels.length);
  flood(shape, start, 6, (i) => labels[i] === old && region[i] === 0, region, 1);
  if (old === 0 && touchesEnd(region, shape))
    throw new CannotDoError('This region is open: draw its outline to the end first.');
  return joined(labels, region, label);
}

function touchesEnd(region: Uint8Array, shape: Vec3): boolean {
  return ([0, 1, 2] as const)
    .filter((axis) => shape[axis] > 1)
    .some((axis: Axis) =>
      [0, shape[axis] - 1].some((n) => cut(region, shape, sliceBox(shape, axis, n)).includes(1)),
    );
}

function joined(labels: Uint8Array, region: Uint8Array, label: number): Uint8Array {
  return labels.map((old, i) => (region[i] === 1 ? label : old));
}

function onlyLabel(...labels: number[]): Uint8Array {
  const keep = new Uint8Array(256);
  for (const label of labels) keep[label] = 1;
  return keep;
}
