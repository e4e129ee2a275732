"""Where a voxel lies in the patient, in the one convention used everywhere: arrays (z, y, x), positions LPS in mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]


@dataclass(frozen=True)
class Geometry:
    """Grid of one volume.

    shape_zyx: number of slices, rows, columns.
    affine: (4, 4); maps the homogeneous index (z, y, x, 1) to the LPS position in mm of the voxel's centre.
    Slices are sorted along cross(row direction, column direction), so axis z grows with that normal.
    """

    shape_zyx: tuple[int, int, int]
    affine: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if len(self.shape_zyx) != 3 or min(self.shape_zyx) < 1:
            raise ValueError(f"shape_zyx needs three sizes of at least 1, got {self.shape_zyx}")
        matrix = np.asarray(self.affine, dtype=np.float64)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
            raise ValueError(f"affine needs (4, 4) finite numbers, got shape {matrix.shape}")
        if abs(float(np.linalg.det(matrix[:3, :3]))) < 1e-9:
            raise ValueError("affine is singular: two grid axes point the same way")

    @classmethod
    def from_axes(
        cls,
        *,
        shape_zyx: tuple[int, int, int],
        origin_lps: tuple[float, float, float],
        z_axis_lps: NDArray[np.float64],
        y_axis_lps: NDArray[np.float64],
        x_axis_lps: NDArray[np.float64],
    ) -> Self:
        """Build from the position of voxel (0, 0, 0) and the step in mm along each array axis."""
        matrix = np.eye(4)
        for column, axis in enumerate((z_axis_lps, y_axis_lps, x_axis_lps)):
            matrix[:3, column] = axis
        matrix[:3, 3] = origin_lps
        return cls(shape_zyx=shape_zyx, affine=tuple(tuple(float(v) for v in row) for row in matrix))

    @property
    def matrix(self) -> Affine:
        """The affine as an array (4, 4), (z, y, x, 1) → LPS mm."""
        return np.asarray(self.affine, dtype=np.float64)

    @property
    def spacing_zyx_mm(self) -> tuple[float, float, float]:
        """Distance in mm between neighbours along z, y, x."""
        z, y, x = np.linalg.norm(self.matrix[:3, :3], axis=0)
        return float(z), float(y), float(x)

    @property
    def direction_zyx(self) -> NDArray[np.float64]:
        """(3, 3); columns are the unit LPS directions of the array axes z, y, x."""
        direction: NDArray[np.float64] = self.matrix[:3, :3] / np.asarray(self.spacing_zyx_mm)
        return direction

    @property
    def voxel_volume_mm3(self) -> float:
        """Volume of one voxel."""
        return abs(float(np.linalg.det(self.matrix[:3, :3])))

    def position_lps(self, index_zyx: NDArray[np.float64] | tuple[float, float, float]) -> NDArray[np.float64]:
        """LPS position in mm of an index (…, 3) in (z, y, x)."""
        index = np.asarray(index_zyx, dtype=np.float64)
        position: NDArray[np.float64] = index @ self.matrix[:3, :3].T + self.matrix[:3, 3]
        return position

    def same_grid(self, other: Geometry, *, tolerance_mm: float = 1e-2) -> bool:
        """True when both grids have one shape and no corner differs by more than the tolerance."""
        if self.shape_zyx != other.shape_zyx:
            return False
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in self.shape_zyx])).reshape(3, -1).T
        gap = self.position_lps(corners) - other.position_lps(corners)
        return bool(np.linalg.norm(gap, axis=-1).max() <= tolerance_mm)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON value; `from_json` gives the geometry back."""
        return {"shape_zyx": list(self.shape_zyx), "affine": [list(row) for row in self.affine]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Raises ValueError when shape or affine are not well formed."""
        z, y, x = (int(n) for n in value["shape_zyx"])
        return cls(shape_zyx=(z, y, x), affine=tuple(tuple(float(v) for v in row) for row in value["affine"]))
