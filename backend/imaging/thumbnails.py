"""Small pictures for lists. Pure."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LONGEST_SIDE = 256
SLAB_SLICES = 16
PROJECTION_PERCENTILES = (40.0, 99.8)  # most of a projection is air and dark tissue; what enhances is the top


@dataclass(frozen=True)
class Scaled:
    """pixels (Z, Y, X) int16, perhaps still in a file; pixels × slope + intercept = scanner value."""

    pixels: NDArray[np.int16]
    slope: float
    intercept: float

    def slab(self, start: int) -> NDArray[np.float32]:
        """Scanner values of `SLAB_SLICES` slices."""
        values = self.pixels[start : start + SLAB_SLICES].astype(np.float32)
        values *= np.float32(self.slope)
        values += np.float32(self.intercept)
        return values


def projection(phase: Scaled, before: Scaled | None, spacing_yx_mm: tuple[float, float]) -> bytes:
    """PNG of the maximum intensity projection along the slices: of a phase, or of what it has more than `before`."""
    picture = np.full(phase.pixels.shape[1:], -np.inf, dtype=np.float32)
    for start in range(0, len(phase.pixels), SLAB_SLICES):
        values = phase.slab(start)
        if before is not None:
            values -= before.slab(start)
        np.maximum(picture, values.max(axis=0), out=picture)
    return png_of(picture, spacing_yx_mm, projection_window(picture))


def png_of(
    picture_yx: NDArray[np.int16] | NDArray[np.float32],
    spacing_yx_mm: tuple[float, float],
    window: tuple[float, float],
) -> bytes:
    """PNG of a picture (Y, X) with square pixels, at most 256 on the longer side; window: black and white value."""
    low, high = window
    grey = np.clip((picture_yx.astype(np.float32) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    image = Image.fromarray(grey)
    size = _square_pixels(picture_yx.shape, spacing_yx_mm)
    if size != image.size:
        image = image.resize(size, Image.Resampling.BILINEAR)  # which averages where the picture gets smaller
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def projection_window(picture_yx: NDArray[np.float32]) -> tuple[float, float]:
    """Black and white value that suit a maximum intensity projection (Y, X)."""
    low, high = np.percentile(picture_yx, PROJECTION_PERCENTILES)
    return float(low), float(max(high, low + 1))


def _square_pixels(shape_yx: tuple[int, ...], spacing_yx_mm: tuple[float, float]) -> tuple[int, int]:
    """Columns and rows in steps of the larger spacing, or of what makes the longer side 256."""
    extent_mm = [n * mm for n, mm in zip(shape_yx, spacing_yx_mm, strict=True)]
    step_mm = max(*spacing_yx_mm, max(extent_mm) / LONGEST_SIDE)
    rows, columns = (max(1, round(mm / step_mm)) for mm in extent_mm)
    return columns, rows
