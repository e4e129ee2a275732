"""PNGs with square pixels, upright as radiologists look at them. Pure."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.geometry import Geometry

LONGEST_SIDE = 512
PLANES = ("sagittal", "coronal", "axial")
"""Planes whose normal is LPS axis 0, 1, 2."""


@dataclass(frozen=True)
class View:
    """How a picture (b, c) across one array axis is turned: head or front up, the patient's right or front left."""

    plane: str
    transpose: bool
    flip_rows: bool
    flip_columns: bool
    spacing_mm: tuple[float, float]

    def turned(self, picture: NDArray[Any]) -> NDArray[Any]:
        """The picture (rows, columns, …) as it is shown."""
        shown = picture.swapaxes(0, 1) if self.transpose else picture
        shown = shown[::-1] if self.flip_rows else shown
        return shown[:, ::-1] if self.flip_columns else shown


def view_along(geometry: Geometry, axis: int) -> View:
    """View of what is left of z, y, x when looking along one array axis. Raises ValueError for another axis."""
    if axis not in {0, 1, 2}:
        raise ValueError(f"axis needs 0, 1 or 2 for z, y or x, got {axis}")
    direction = geometry.direction_zyx
    # Each array axis gets the patient's axis that it follows best, none twice: oblique stacks have ties.
    lps = max(permutations(range(3)), key=lambda order: sum(abs(direction[k, n]) for n, k in enumerate(order)))
    first, second = (n for n in range(3) if n != axis)
    transpose = lps[first] < lps[second]  # rows are what lies further towards the head, else the back
    rows, columns = (second, first) if transpose else (first, second)
    grows = [bool(direction[lps[n], n] > 0) for n in (rows, columns)]
    spacing = geometry.spacing_zyx_mm
    head_up = lps[rows] == 2
    return View(
        PLANES[lps[axis]],
        transpose,
        grows[0] if head_up else not grows[0],
        not grows[1],
        (spacing[rows], spacing[columns]),
    )


def grey(values: NDArray[Any], window: tuple[float, float]) -> NDArray[np.uint8]:
    """8-bit (rows, columns); window: black and white value."""
    low, high = window
    scaled = (values.astype(np.float32) - np.float32(low)) * np.float32(255 / max(high - low, 1e-6))
    shades: NDArray[np.uint8] = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
    return shades


def overlay(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colour (rows, columns, 3): grey where both agree, magenta where `one` is brighter, green where `other` is."""
    return np.stack([one, other, one], axis=-1)


def png(picture: NDArray[np.uint8], spacing_mm: tuple[float, float]) -> bytes:
    """PNG of grey (rows, columns) or colour (rows, columns, 3), pixels made square, at most 512 on the longer side."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(picture), isVector=picture.ndim == 3)
    image.SetSpacing((spacing_mm[1], spacing_mm[0]))
    extent_mm = [n * mm for n, mm in zip(image.GetSize(), image.GetSpacing(), strict=True)]
    step_mm = max(min(image.GetSpacing()), max(extent_mm) / LONGEST_SIDE)
    size = [max(1, round(mm / step_mm)) for mm in extent_mm]
    origin = [step_mm / 2 - mm / 2 for mm in image.GetSpacing()]  # the edges of the picture stay where they are
    even = sitk.Resample(image, size, sitk.Transform(), sitk.sitkLinear, origin, [step_mm] * 2, [1, 0, 0, 1], 0.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        sitk.WriteImage(even, str(path))
        return path.read_bytes()
