import type { Vec3 } from '../viewer';

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
