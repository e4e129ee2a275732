"""The values of a file, one time point after another, in our order of axes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.pixels import HIGHEST, LOWEST, Pixels
from backend.imaging.formats.layout import REAL_VALUES, WRITE_AGAIN, Layout, turned
from backend.imaging.formats.streams import Stream, check_end, fill, unpacked


def read_arrays(path: Path, layout: Layout) -> Iterator[NDArray[Any]]:
    """Each time point (Z, Y, X) as stored, turned onto `turned(layout).geometry`; not scaled.

    No more than the header promises is read or inflated. Raises Defect when the file is cut, damaged or too long.
    """
    turn = turned(layout)
    one_by_one = layout.axes.startswith("t")
    axes = layout.axes[1:] if one_by_one else layout.axes
    sizes = layout.sizes[1:] if one_by_one else layout.sizes
    size = math.prod(sizes) * layout.dtype.itemsize
    with unpacked(path, layout.packing, layout.offset) as stream:
        for start in range(0, layout.values_bytes, size):
            block = _block(stream, size, start, layout).reshape(sizes)
            for phase in _phases(block, axes):
                yield turn.array(phase)
        check_end(stream)


def _block(stream: Stream, size: int, start: int, layout: Layout) -> NDArray[Any]:
    raw = bytearray(size)
    fill(stream, memoryview(raw), before=start, promised=layout.values_bytes)
    return np.frombuffer(raw, dtype=np.uint8 if layout.dtype.kind == "b" else layout.dtype)


def _phases(block: NDArray[Any], axes: str) -> Iterator[NDArray[Any]]:
    """Views (Z, Y, X) of each time point of a block."""
    if "t" not in axes:
        yield block.transpose([axes.index(axis) for axis in "zyx"])
        return
    at = axes.index("t")
    for number in range(block.shape[at]):
        yield from _phases(np.take(block, number, axis=at), axes.replace("t", ""))


def whole_values(values: NDArray[Any], *, most: int) -> tuple[int, ...] | None:
    """The different values in rising order, when all are whole numbers and there are at most so many; else None."""
    if (values.dtype.kind == "f" and not np.isfinite(values).all()) or not _is_whole(values):
        return None
    low, high = int(values.min()), int(values.max())
    if high - low > 2**16:
        return None
    counts = np.zeros(high - low + 1, dtype=np.int64)
    for plane in values:
        counts += np.bincount((plane.astype(np.int64) - low).ravel(), minlength=len(counts))
    found = np.flatnonzero(counts) + low
    return tuple(int(value) for value in found) if len(found) <= most else None


def as_pixels(values: NDArray[Any], slope: float, intercept: float) -> Pixels:
    """int16 with one slope and intercept, scanner value = raw × slope + intercept; raw (Z, Y, X).

    Exact for whole numbers that span at most 65,536 steps; others take the nearest of 65,536 steps over their range.
    Raises Defect for values that are no finite numbers, or are all the same.
    """
    _check_finite(values)
    low, high = values.min().item(), values.max().item()
    if low == high:
        raise Defect(f"is blank: all of its {values.size:,} voxels have one value", WRITE_AGAIN)
    span = HIGHEST - LOWEST
    step = 1 if high - low <= span and _is_whole(values) else (high - low) / span
    if not (math.isfinite(step * slope) and step * slope):
        raise Defect("has values that are too large or too close to each other to be told apart", REAL_VALUES)
    start = LOWEST if step != 1 or low < LOWEST or high > HIGHEST else int(low)  # the stored value of the lowest
    stored = np.empty(values.shape, dtype="<i2")
    for plane, target in zip(values, stored, strict=True):
        target[...] = _steps(plane, low, step) + start
    return Pixels(stored, step * slope, (low - start * step) * slope + intercept)


def _steps(plane: NDArray[Any], low: float, step: float) -> NDArray[np.int64]:
    """Whole steps above the lowest value. Whole numbers are not turned into floats, which would round large ones."""
    if step != 1 or plane.dtype.kind == "f":
        return np.rint((plane.astype(np.float64) - low) / step).astype(np.int64)
    wide = plane if plane.dtype == np.uint64 else plane.astype(np.int64)
    return np.asarray(wide - wide.dtype.type(low), dtype=np.int64)


def _is_whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iub" or all(bool((plane == np.rint(plane)).all()) for plane in values)


def _check_finite(values: NDArray[Any]) -> None:
    if values.dtype.kind in "iub":
        return
    bad = sum(plane.size - int(np.isfinite(plane).sum()) for plane in values)
    if bad:
        message = f"has {bad:,} of {values.size:,} voxels that hold no number (NaN or infinite)"
        raise Defect(message, "Write another value there, such as that of the background, and import it again.")
