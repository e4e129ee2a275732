"""Small pictures for lists. Pure."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.imaging.chunks import AT_ONCE, decode_block
from ml.geometry import Geometry

LONGEST_SIDE = 256
PROJECTION_PERCENTILES = (40.0, 99.8)  # most of a projection is air and dark tissue; what enhances is the top


class CodedPixels(Protocol):
    """A phase whose pixels are in blocks, such as `BuiltPhase`."""

    @property
    def codec(self) -> str: ...
    @property
    def slices_per_chunk(self) -> int: ...
    @property
    def chunks(self) -> Sequence[str]: ...
    @property
    def slope(self) -> float: ...
    @property
    def intercept(self) -> float: ...
    @property
    def window_low(self) -> float: ...
    @property
    def window_high(self) -> float: ...


Read = Callable[[str], bytes]
"""Gives the block of a sha256."""


def middle_slice(phase: CodedPixels, geometry: Geometry, read: Read) -> bytes:
    """PNG of the slice in the middle."""
    number, offset = divmod(geometry.shape_zyx[0] // 2, phase.slices_per_chunk)
    slice_yx = _block(phase, number, geometry, read)[offset]
    return png_of(slice_yx, geometry.spacing_zyx_mm[1:], (phase.window_low, phase.window_high))


def projection(phase: CodedPixels, before: CodedPixels | None, geometry: Geometry, read: Read) -> bytes:
    """PNG of the maximum intensity projection along the slices: of a phase, or of what it has more than `before`.

    Blocks are opened a few at a time, so that no phase is held whole.
    """

    def highest(number: int) -> NDArray[np.float32]:
        shown = _scanner_values(phase, number, geometry, read)
        if before is not None:
            shown -= _scanner_values(before, number, geometry, read)
        top: NDArray[np.float32] = shown.max(axis=0)
        return top

    with ThreadPoolExecutor(AT_ONCE) as pool:
        picture = reduce(np.maximum, pool.map(highest, range(len(phase.chunks))))
    return png_of(picture, geometry.spacing_zyx_mm[1:], projection_window(picture))


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


def _block(phase: CodedPixels, number: int, geometry: Geometry, read: Read) -> NDArray[np.int16]:
    return decode_block(read(phase.chunks[number]), phase.codec, geometry.shape_zyx[1:])


def _scanner_values(phase: CodedPixels, number: int, geometry: Geometry, read: Read) -> NDArray[np.float32]:
    values = _block(phase, number, geometry, read).astype(np.float32)
    values *= np.float32(phase.slope)
    values += np.float32(phase.intercept)
    return values
