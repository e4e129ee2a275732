import type { Vec3 } from '../viewer';

type Point = readonly [number, number];

/** Middle of the area whose corners lie farthest apart, where words about all of them find room. */
export function roomiest(areas: readonly (readonly Point[])[]): Point {
  const boxes = areas.map((points) => {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
    return {
      middle: [(left + right) / 2, (top + bottom) / 2] as const,
      size: (right - left) * (bottom - top),
    };
  });
  return boxes.reduce((best, box) => (box.size > best.size ? box : best), { middle: [0, 0], size: -1 })
    .middle;
}

/**
 * Corners (z, y, x), at the edges of voxels, of what has not arrived on the slice `shown` across an axis.
 * missing: stored slices as ranges from the first to before the last.
 */
export function missingAreas(
  missing: readonly (readonly [number, number])[],
  [, rows, columns]: Readonly<Vec3>,
  axis: 0 | 1 | 2,
  shown: number,
): Vec3[][] {
  const [top, bottom, left, right] = [-0.5, rows - 0.5, -0.5, columns - 0.5];
  if (axis === 0) {
    if (!missing.some(([from, to]) => from <= shown && shown < to)) return [];
    return [
      [
        [shown, top, left],
        [shown, top, right],
        [shown, bottom, right],
        [shown, bottom, left],
      ],
    ];
  }
  return missing.map(([from, to]) =>
    [from - 0.5, to - 0.5].flatMap((z, n): Vec3[] => {
      const ends: Vec3[] =
        axis === 1
          ? [
              [z, shown, left],
              [z, shown, right],
            ]
          : [
              [z, top, shown],
              [z, bottom, shown],
            ];
      return n === 0 ? ends : ends.reverse();
    }),
  );
}
