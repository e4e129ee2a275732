"""What a header says of an image: which values it holds, how they are packed, and where they lie. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect
from ml.geometry import Geometry

Matrix = NDArray[np.float64]

LARGEST_SIDE = 16_384  # more voxels than this along an axis no scanner makes; sizes stay far from overflow
SHEAR = 1e-4  # of the cosine between two axes: SimpleITK writes and reads no grid that leans more
RAS_OF_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
REAL_VALUES = "Write the image with real numbers (such as int16 or float32), and import it again."
ONE_FILE = "Convert it to one file (.nii.gz, .nrrd or .mha), and import that."
SAY_WHERE = "Write the orientation into the file with the program that made it, and import it again."
STRAIGHTEN = "Resample the image onto a grid with right angles, and import it again."
WRITE_AGAIN = "Write the file again from its source, and import the whole study again."


class Packing(StrEnum):
    """How the values lie in the file."""

    PLAIN = "plain"
    GZIP_WHOLE = "gzip_whole"  # header and values in one gzip stream, as .nii.gz
    GZIP_VALUES = "gzip_values"  # a plain header, then gzip, as NRRD
    ZLIB_VALUES = "zlib_values"  # a plain header, then zlib, as MHA


@dataclass(frozen=True)
class Layout:
    """The header of one file.

    axes: the stored axes from the slowest to the fastest, out of t, z, y, x, such as `tzyx`; sizes: along each.
    matrix: (4, 4), stored index (z, y, x, 1) → LPS mm. offset: bytes before the values, inflated where the header is.
    step_s: seconds from one time point to the next. remarks: what a person should look at.
    label_names: names of the values of a label map, as far as the file carries them.
    is_segmentation: True when the file says that it is one.
    """

    kind: str
    dtype: np.dtype[Any]
    packing: Packing
    offset: int
    axes: str
    sizes: tuple[int, ...]
    matrix: Matrix
    placed_by: str
    slope: float = 1.0
    intercept: float = 0.0
    step_s: float | None = None
    remarks: tuple[str, ...] = ()
    label_names: Mapping[int, str] = field(default_factory=dict)
    is_segmentation: bool = False

    @property
    def phases(self) -> int:
        """Number of time points."""
        return self.sizes[self.axes.index("t")] if "t" in self.axes else 1

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        """Of one time point."""
        z, y, x = (self.sizes[self.axes.index(axis)] for axis in "zyx")
        return z, y, x

    @property
    def voxels(self) -> int:
        """Over all time points."""
        return math.prod(self.sizes)

    @property
    def values_bytes(self) -> int:
        """Of all values, unpacked."""
        return self.voxels * self.dtype.itemsize

    @property
    def is_whole_numbers(self) -> bool:
        """True when the values are stored as integers and are not scaled."""
        return self.dtype.kind in "iub" and self.slope == 1.0 and self.intercept == 0.0


@dataclass(frozen=True)
class Turned:
    """A grid in our order of axes, and along which stored axes (z, y, x) the array is turned round to fit it."""

    geometry: Geometry
    flips_zyx: tuple[bool, bool, bool]

    def array(self, stored_zyx: NDArray[Any]) -> NDArray[Any]:
        """A view of the array in the order of the grid."""
        return np.flip(stored_zyx, axis=tuple(axis for axis, flip in enumerate(self.flips_zyx) if flip))


def turned(layout: Layout) -> Turned:
    """The grid with rows and columns running as on a film, slices sorted along cross(row, column); no axis is swapped.

    Every voxel keeps its place in the patient: an axis that runs the other way is turned round with its array.
    Raises Defect when the axes lean or have no length.
    """
    matrix = layout.matrix.copy()
    check_axes(matrix)
    shape = layout.shape_zyx
    flips = [False, _against_film(matrix[:3, 1]), _against_film(matrix[:3, 2])]
    for axis in (1, 2):
        if flips[axis]:
            _turn(matrix, axis, shape[axis])
    flips[0] = float(np.cross(matrix[:3, 2], matrix[:3, 1]) @ matrix[:3, 0]) < 0
    if flips[0]:
        _turn(matrix, 0, shape[0])
    origin = (float(matrix[0, 3]), float(matrix[1, 3]), float(matrix[2, 3]))
    geometry = Geometry.from_axes(
        shape_zyx=shape,
        origin_lps=origin,
        z_axis_lps=matrix[:3, 0],
        y_axis_lps=matrix[:3, 1],
        x_axis_lps=matrix[:3, 2],
    )
    return Turned(geometry, (flips[0], flips[1], flips[2]))


def check_axes(matrix: Matrix) -> None:
    """Raises Defect when the three axes of a matrix (4, 4) are not finite, without length, or not at right angles."""
    axes = matrix[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(matrix).all() or lengths.min() < 1e-6:
        raise Defect("gives no usable position: an axis of its grid has no length or is no number", WRITE_AGAIN)
    unit = axes / lengths
    lean = float(np.abs(unit.T @ unit - np.eye(3)).max())
    if lean > SHEAR:
        degrees = math.degrees(math.asin(min(1.0, lean)))
        raise Defect(f"has a grid that leans: two of its axes are {degrees:.2f}° off the right angle", STRAIGHTEN)


def check_sizes(sizes: tuple[int, ...]) -> None:
    """Raises Defect when an axis is empty or longer than any scanner makes it."""
    if min(sizes) < 1 or max(sizes) > LARGEST_SIDE:
        shown = "×".join(str(size) for size in sizes[:6])
        raise Defect(f"has an impossible size: {shown}; each must be 1 to {LARGEST_SIDE}", WRITE_AGAIN)


def _against_film(axis_lps: Matrix) -> bool:
    """True for a row or column that runs to the right, to the front or to the head: films run to L, P and F.

    Rounded, so that phases of one oblique grid agree although their last digits differ.
    """
    main = int(np.argmax(np.round(np.abs(axis_lps) / np.linalg.norm(axis_lps), 3)))
    forward = axis_lps[main] if main < 2 else -axis_lps[main]
    return bool(forward < 0)


def _turn(matrix: Matrix, axis: int, size: int) -> None:
    """Run an axis the other way: the last voxel along it becomes the first."""
    matrix[:3, 3] += matrix[:3, axis] * (size - 1)
    matrix[:3, axis] *= -1
