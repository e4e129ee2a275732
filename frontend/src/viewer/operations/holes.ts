/** Holes of masks: background that cannot reach the outside, by faces. */
import { at, type Vec3 } from '../grid';
import { type Box3, cut, paste, size, strides } from './block';
import { flood } from './components';

const OUTSIDE = 2;

/** The mask with its holes filled, in all directions in which the box is thicker than a voxel. */
export function filled(mask: Uint8Array, shape: Readonly<Vec3>): Uint8Array {
  const marks = new Uint8Array(mask);
  for (const i of border(shape)) flood(shape, i, 6, (j) => marks[j] === 0, marks, OUTSIDE);
  return marks.map((mark) => Number(mark !== OUTSIDE));
}

/** The mask with the holes filled that it has in each slice across an axis by itself. */
export function filledBySlice(mask: Uint8Array, shape: Readonly<Vec3>, axis: 0 | 1 | 2): Uint8Array {
  const result = new Uint8Array(mask);
  for (let slice = 0; slice < shape[axis]; slice += 1) {
    const box = sliceBox(shape, axis, slice);
    paste(result, shape, filled(cut(mask, shape, box), box.shape), box);
  }
  return result;
}

/** One slice across an axis. */
export function sliceBox(shape: Readonly<Vec3>, axis: 0 | 1 | 2, slice: number): Box3 {
  const start: Vec3 = [0, 0, 0];
  const thin: Vec3 = [...shape];
  start[axis] = slice;
  thin[axis] = 1;
  return { start, shape: thin };
}

/** Voxels at the ends of the axes along which the box is thicker than a voxel. */
function* border(shape: Readonly<Vec3>): Generator<number> {
  const step = strides(shape);
  const thick = [0, 1, 2].filter((axis) => at(shape, axis) > 1);
  for (let i = 0; i < size(shape); i += 1) {
    const atEnd = thick.some((axis) => {
      const place = Math.floor(i / at(step, axis)) % at(shape, axis);
      return place === 0 || place === at(shape, axis) - 1;
    });
    if (atEnd || thick.length === 0) yield i;
  }
}
