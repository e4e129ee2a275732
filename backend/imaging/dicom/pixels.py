"""The pixels of a stack as int16 with one slope and intercept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.frame_pixels import read_frames
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.stacks import SEND_ALL, Stack

LOWEST, HIGHEST = -(2**15), 2**15 - 1


@dataclass(frozen=True)
class Pixels:
    """stored (Z, Y, X) int16; stored × slope + intercept = scanner value. blank_slices: those of one value alone.

    The scanner value is what Rescale Slope and Intercept give (PS3.3 C.11.1), of each slice or frame where they differ.
    Philips' private scale slope is not applied: it would only make series of other scans comparable.
    """

    stored: NDArray[np.int16]
    slope: float
    intercept: float
    blank_slices: int = 0


def read_pixels(stack: Stack) -> Pixels:
    """Decode each slice once. Raises Defect when pixels are damaged, of another size than they should be, or equal."""
    raw = _read(stack)
    _fill_padding(stack, raw)
    lows, highs = raw.min(axis=(1, 2)), raw.max(axis=(1, 2))
    low, high = int(lows.min()), int(highs.max())
    if low == high:
        raise Defect(f"has no picture: each of its {raw.size:,} voxels is {low}", SEND_ALL)
    return replace(_scaled(stack, raw, low, high), blank_slices=int((lows == highs).sum()))


def _scaled(stack: Stack, raw: NDArray[Any], low: int, high: int) -> Pixels:
    rescales = {(header.slope, header.intercept) for header in stack.headers}
    if len(rescales) > 1 or high - low > HIGHEST - LOWEST:
        return requantised(_scanner_values(stack, raw))
    slope, intercept = next(iter(rescales))
    if low >= LOWEST and high <= HIGHEST:
        stored = raw.view("<i2") if raw.dtype == np.dtype("<u2") else raw.astype("<i2", copy=False)
        return Pixels(stored, slope, intercept)
    shift = max(high - HIGHEST, 0) if low >= 0 else min(low - LOWEST, 0)
    return Pixels((raw.astype(np.int32) - shift).astype("<i2"), slope, intercept + shift * slope)


def _read(stack: Stack) -> NDArray[Any]:
    """Stored values (Z, Y, X); each file is opened once, whatever the order of its frames in the stack."""
    places: dict[Path, list[int]] = defaultdict(list)
    for z, header in enumerate(stack.headers):
        places[header.path].append(z)
    raw = np.empty(stack.geometry.shape_zyx, _dtype(stack))
    damaged = sum(_read_file(path, stack, slices, raw) for path, slices in places.items())
    if damaged:
        raise Defect(
            f"has {damaged} of {len(stack.headers)} images whose pixels cannot be read",
            "Export the series again, and import the whole study again.",
        )
    return raw


def _read_file(path: Path, stack: Stack, slices: list[int], raw: NDArray[Any]) -> int:
    """Fill the slices that lie in one file, in the file's order; gives how many could not be read."""
    ordered = sorted(slices, key=lambda z: stack.headers[z].frame)
    done = 0
    try:
        for picture in read_frames(path, [stack.headers[z] for z in ordered]):
            raw[ordered[done]] = picture
            done += 1
    except Exception:  # noqa: BLE001 - decoders raise many kinds, and their texts can quote the file
        return len(ordered) - done
    return 0


def _dtype(stack: Stack) -> np.dtype[Any]:
    """Smallest type that holds every slice's stored values."""
    kinds = {(header.is_signed, header.bits) for header in stack.headers}
    return np.result_type(*(f"<{'i' if is_signed else 'u'}{bits // 8}" for is_signed, bits in kinds))


def _fill_padding(stack: Stack, raw: NDArray[Any]) -> None:
    """Pixels outside of the picture get its lowest value, since their own (often -32768) would rule every statistic.

    PS3.3 C.7.5.1.1.2. Zero stays: it is dark already.
    """
    padded = [(z, value) for z, header in enumerate(stack.headers) if (value := _padding(header))]
    masks = [(z, raw[z] == value) for z, value in padded]
    if not any(mask.any() for _, mask in masks):
        return
    of_slice = dict(masks)
    inside = [raw[z][~of_slice[z]] if z in of_slice else raw[z] for z in range(len(raw))]
    lowest = min((int(values.min()) for values in inside if values.size), default=0)
    for z, mask in masks:
        raw[z][mask] = lowest


def _padding(header: Header) -> int | None:
    """The padding value as the pixels write it: its own type in the file is often the other of US and SS."""
    if header.padding is None:
        return None
    steps = 1 << header.bits
    value = header.padding % steps
    return value - steps if header.is_signed and value >= steps // 2 else value


def _scanner_values(stack: Stack, raw: NDArray[Any]) -> NDArray[np.float32]:
    slopes = np.array([header.slope for header in stack.headers], dtype=np.float32)[:, None, None]
    intercepts = np.array([header.intercept for header in stack.headers], dtype=np.float32)[:, None, None]
    return raw.astype(np.float32) * slopes + intercepts


def requantised(values: NDArray[np.float32]) -> Pixels:
    """Slices that differ in slope, on one scale of 65,536 steps over the range that the stack has."""
    low, high = float(values.min()), float(values.max())
    slope = (high - low) / (HIGHEST - LOWEST) or 1.0
    stored = np.clip(np.rint((values - low) / slope) + LOWEST, LOWEST, HIGHEST).astype("<i2")
    return Pixels(stored, slope, low - LOWEST * slope)
