import { describe, expect, it } from 'vitest';

import type { Vec3 } from '../grid';
import { sweep } from './brush';
import type { Axis } from './slice';

const SPACE = { shapeZyx: [14, 30, 26] as Vec3, spacingZyxMm: [2, 0.8, 1.1] as Vec3 };

function painted(axis: Axis, ball: boolean, radiusMm: number, from: Vec3, to: Vec3): Set<string> {
  const voxels = new Set<string>();
  sweep(SPACE, { radiusMm, axis, ball }, from, to, (start, along, count) => {
    for (let n = 0; n < count; n += 1) {
      const voxel: Vec3 = [...start];
      voxel[along] += n;
      voxels.add(voxel.join(','));
    }
  });
  return voxels;
}

/** mm from a voxel to the nearest place of the way, looked for step by step. */
function distance(voxel: Vec3, from: Vec3, to: Vec3, skip: Axis | null): number {
  const axes = ([0, 1, 2] as const).filter((axis) => axis !== skip);
  const way = axes.map((axis) => (to[axis] - from[axis]) * SPACE.spacingZyxMm[axis]);
  const off = axes.map((axis) => (voxel[axis] - from[axis]) * SPACE.spacingZyxMm[axis]);
  const length2 = way.reduce((sum, mm) => sum + mm * mm, 0);
  const along = length2 === 0 ? 0 : way.reduce((sum, mm, i) => sum + mm * (off[i] ?? 0), 0) / length2;
  const t = Math.min(Math.max(along, 0), 1);
  return Math.hypot(...off.map((mm, i) => mm - t * (way[i] ?? 0)));
}

function within(axis: Axis, ball: boolean, radiusMm: number, from: Vec3, to: Vec3): Set<string> {
  const voxels = new Set<string>();
  for (let z = 0; z < SPACE.shapeZyx[0]; z += 1) {
    for (let y = 0; y < SPACE.shapeZyx[1]; y += 1) {
      for (let x = 0; x < SPACE.shapeZyx[2]; x += 1) {
        const voxel: Vec3 = [z, y, x];
        if (!ball && voxel[axis] !== from[axis]) continue;
        if (distance(voxel, from, to, ball ? null : axis) <= radiusMm) voxels.add(voxel.join(','));
      }
    }
  }
  return voxels;
}

describe.each([0, 1, 2] as const)('the tip in slices along axis %i', (axis) => {
  const place = (z: number, y: number, x: number): Vec3 => {
    const zyx: Vec3 = [z, y, x];
    zyx[axis] = Math.round(zyx[axis]);
    return zyx;
  };
  const a = place(6.3, 12.4, 9.7);
  const ways: [string, Vec3, Vec3][] = [
    ['standing still', a, a],
    [
      'on a slanting way',
      a,
      axis === 0 ? place(6, 20.1, 17.2) : axis === 1 ? place(9.4, 12, 17.2) : place(9.4, 20.1, 10),
    ],
    ['along a row', a, axis === 2 ? place(6.3, 20.3, 10) : place(6.3, 12.4, 18.2)],
    [
      'over the edge',
      axis === 0 ? place(6, 1.2, 24) : place(6, axis === 1 ? 1 : 1.2, axis === 2 ? 24 : 24.3),
      axis === 0 ? place(6, -4, 29) : axis === 1 ? place(8, 1, 29) : place(8, -4, 24),
    ],
  ];

  it.each(ways)('paints exactly what comes within its radius, %s', (_, from, to) => {
    for (const ball of [false, true]) {
      expect(painted(axis, ball, 4.7, from, to)).toEqual(within(axis, ball, 4.7, from, to));
    }
  });

  it('paints the voxel under it, however small it is', () => {
    expect(painted(axis, false, 0.05, a, a)).toEqual(new Set([a.map(Math.round).join(',')]));
  });
});
