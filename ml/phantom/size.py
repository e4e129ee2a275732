"""The two sizes of phantom: one field of view, two samplings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ml.geometry import Geometry

FIELD_OF_VIEW_ZYX_MM = (176.0, 340.0, 340.0)
"""Extent of the imaged block; 160 slices of 1.1 mm and 448 pixels of 0.759 mm, as on a 1.5 T bilateral protocol."""


class Size(Enum):
    """How finely a phantom is sampled: `SMALL` trains on a CPU, `FULL` is a clinical matrix."""

    SMALL = "small"
    FULL = "full"

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        """Slices, rows and columns."""
        return (160, 448, 448) if self is Size.FULL else (32, 96, 96)

    @property
    def supersampling(self) -> int:
        """Render points per voxel along each axis; averaging them gives the partial volume of coarse voxels."""
        return 1 if self is Size.FULL else 2

    @property
    def spacing_zyx_mm(self) -> tuple[float, float, float]:
        """Distance in mm between voxels along z, y, x."""
        z, y, x = (extent / n for extent, n in zip(FIELD_OF_VIEW_ZYX_MM, self.shape_zyx, strict=True))
        return z, y, x


@dataclass(frozen=True)
class Axes:
    """Coordinates in LPS mm of a box-shaped grid: z (Z,), y (Y,), x (X,)."""

    z: NDArray[np.float32]
    y: NDArray[np.float32]
    x: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of points along z, y, x."""
        return self.z.size, self.y.size, self.x.size

    def points(self, index: NDArray[np.intp]) -> NDArray[np.float32]:
        """Coordinates (3, N) in (z, y, x) order of flat indices (N,)."""
        z, rest = np.divmod(index, self.y.size * self.x.size)
        y, x = np.divmod(rest, self.x.size)
        return np.stack([self.z[z], self.y[y], self.x[x]])

    def slab(self, start: int, stop: int) -> Axes:
        """The same grid, slices start to stop - 1 alone."""
        return Axes(self.z[start:stop], self.y, self.x)


def grid_geometry(size: Size, corner_lps: tuple[float, float, float]) -> Geometry:
    """Axial grid whose outer corner (right, anterior, inferior) lies at `corner_lps`; +z index is superior."""
    dz, dy, dx = size.spacing_zyx_mm
    right, front, bottom = corner_lps
    return Geometry.from_axes(
        shape_zyx=size.shape_zyx,
        origin_lps=(right + dx / 2, front + dy / 2, bottom + dz / 2),
        z_axis_lps=np.array([0.0, 0.0, dz]),
        y_axis_lps=np.array([0.0, dy, 0.0]),
        x_axis_lps=np.array([dx, 0.0, 0.0]),
    )


def render_axes(size: Size, geometry: Geometry) -> Axes:
    """Points at which a phantom of this size is evaluated: the voxels' centres, or a finer grid inside the voxels."""
    n = size.supersampling
    axes = []
    for axis, lps in ((0, 2), (1, 1), (2, 0)):
        step = geometry.spacing_zyx_mm[axis] / n
        first = geometry.matrix[lps, 3] - step * (n - 1) / 2
        axes.append((first + step * np.arange(geometry.shape_zyx[axis] * n)).astype(np.float32))
    return Axes(*axes)
