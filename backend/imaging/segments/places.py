"""Where the voxels of a mask lie on the grid of a volume. They coincide, or the mask is refused: no resampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.segments.refusal import MaskRefused
from ml.geometry import Geometry

# A series' slices may stand this far from an even grid too (dicom/stacks.py), and masks repeat the slices' positions.
# Of the files at hand, dcmqi's differ most: by 0.0004 mm, 0.05 % of a voxel.
SHARE = 0.05  # of a voxel along each axis
LEAST_MM = 0.05
TURNED_DEG = 0.5

OTHER_GRID = "Draw or resample the mask on the volume's own grid in the program that made it, then send it again."

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """How an array's axes run on a grid.

    axes: the grid's axis (0 = z) that each axis of the array runs along. signs: 1 where both run the same way, else -1.
    start_zyx: the grid's index of the array's first voxel.
    """

    axes: tuple[int, ...]
    signs: tuple[int, ...]
    start_zyx: tuple[int, int, int]

    def part(self, grid_zyx: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """View of an array (Z, Y, X) on the grid where an array of this shape lies, in that array's own axes."""
        missing = [axis for axis in range(3) if axis not in self.axes]
        view = grid_zyx[self._region(shape)].transpose([*self.axes, *missing])
        flipped: NDArray[Any] = view[tuple(slice(None, None, sign) for sign in self.signs)]
        return flipped[..., 0] if missing else flipped

    def _region(self, shape: tuple[int, ...]) -> tuple[slice, slice, slice]:
        first, size = list(self.start_zyx), [1, 1, 1]
        for axis, sign, length in zip(self.axes, self.signs, shape, strict=True):
            size[axis] = length
            first[axis] -= 0 if sign > 0 else length - 1
        z, y, x = (slice(start, start + length) for start, length in zip(first, size, strict=True))
        return z, y, x


def fit(grid: Geometry, *, shape: tuple[int, ...], origin_lps: Vector, steps_lps: Vector) -> Fit:
    """Fit an array of 2 or 3 axes onto a grid. steps_lps (axes, 3): mm from one voxel to the next along each axis.

    Raises MaskRefused, with numbers, unless every voxel's centre is that of one of the grid's voxels.
    """
    to_index = np.linalg.inv(grid.matrix[:3, :3])
    start = to_index @ (origin_lps - grid.matrix[:3, 3])
    steps = steps_lps @ to_index.T
    nearest = np.rint(steps)
    if not _is_signed_permutation(nearest):
        raise MaskRefused(_other_grid(grid, shape, steps_lps, _why(grid, steps_lps)), OTHER_GRID)
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in shape])).reshape(len(shape), -1).T
    exact = start + corners @ steps
    meant = np.rint(start) + corners @ nearest
    spacing = np.asarray(grid.spacing_zyx_mm)
    off_mm = np.abs(exact - meant) * spacing
    if (off_mm > np.maximum(SHARE * spacing, LEAST_MM)).any():
        why = f"its voxels lie up to {off_mm.max():.3g} mm beside the volume's"
        raise MaskRefused(_other_grid(grid, shape, steps_lps, why), OTHER_GRID)
    if (meant < 0).any() or (meant >= np.asarray(grid.shape_zyx)).any():
        raise MaskRefused(_outside(grid, meant), OTHER_GRID)
    axes = np.abs(nearest).argmax(axis=1)
    signs = nearest[np.arange(len(axes)), axes]
    z, y, x = (int(v) for v in np.rint(start))
    return Fit(tuple(int(a) for a in axes), tuple(int(s) for s in signs), (z, y, x))


def _is_signed_permutation(nearest: Vector) -> bool:
    magnitude = np.abs(nearest)
    return bool((magnitude.sum(axis=1) == 1).all() and (magnitude.sum(axis=0) <= 1).all())


def _why(grid: Geometry, steps_lps: Vector) -> str:
    along = steps_lps / np.linalg.norm(steps_lps, axis=1, keepdims=True)
    cosines = np.abs(along @ grid.direction_zyx).max(axis=1)
    turned_deg = float(np.degrees(np.arccos(np.clip(cosines.min(), 0, 1))))
    return f"it is turned by {turned_deg:.1f}°" if turned_deg > TURNED_DEG else "their distances differ"


def _other_grid(grid: Geometry, shape: tuple[int, ...], steps_lps: Vector, why: str) -> str:
    spacing = [float(v) for v in np.linalg.norm(steps_lps, axis=1)]
    return (
        f"lies on a grid of {_sizes(shape)} voxels of {_lengths(spacing)} mm; "
        f"the volume has {_sizes(grid.shape_zyx)} of {_lengths(grid.spacing_zyx_mm)} mm, and {why}"
    )


def _outside(grid: Geometry, corners: Vector) -> str:
    low, high = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    axis = int(np.argmax(np.maximum(-low, high - np.asarray(grid.shape_zyx) + 1)))
    name = ("slices", "rows", "columns")[axis]
    return f"reaches from {low[axis]} to {high[axis]} of the volume's {name}, which are 0 to {grid.shape_zyx[axis] - 1}"


def _sizes(shape: tuple[int, ...]) -> str:
    return "×".join(str(n) for n in shape)


def _lengths(spacing: tuple[float, ...] | list[float]) -> str:
    return "×".join(f"{v:.4g}" for v in spacing)
