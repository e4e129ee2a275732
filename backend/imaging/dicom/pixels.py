"""The pixels of a stack as int16 with one slope and intercept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import pixel_array

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import Header
from backend.imaging.dicom.stacks import Stack

LOWEST, HIGHEST = -(2**15), 2**15 - 1


@dataclass(frozen=True)
class Pixels:
    """stored (Z, Y, X) int16; stored × slope + intercept = scanner value."""

    stored: NDArray[np.int16]
    slope: float
    intercept: float


def read_pixels(stack: Stack) -> Pixels:
    """Decode each slice once. Raises Defect when a file's pixels are damaged or not of the size it says."""
    raw = _read(stack)
    rescales = {(header.slope, header.intercept) for header in stack.headers}
    if len(rescales) > 1:
        return requantised(_scanner_values(stack, raw))
    slope, intercept = next(iter(rescales))
    low, high = int(raw.min()), int(raw.max())
    if low >= LOWEST and high <= HIGHEST:
        return Pixels(raw.astype("<i2", copy=False), slope, intercept)
    if high - low > HIGHEST - LOWEST:
        return requantised(_scanner_values(stack, raw))
    shift = max(high - HIGHEST, 0) if low >= 0 else min(low - LOWEST, 0)
    return Pixels((raw.astype(np.int32) - shift).astype("<i2"), slope, intercept + shift * slope)


def _read(stack: Stack) -> NDArray[Any]:
    slices, damaged = [], 0
    for header in stack.headers:
        try:
            slices.append(_slice(header))
        except Exception:  # noqa: BLE001 - decoders raise many kinds, and their texts can quote the file
            damaged += 1
    if damaged:
        raise Defect(
            f"has {damaged} of {len(stack.headers)} images whose pixels cannot be read",
            "Export the series again, and import the whole study again.",
        )
    return np.stack(slices)


def _slice(header: Header) -> NDArray[Any]:
    pixels = pixel_array(header.path)
    if pixels.shape != (header.rows, header.columns):
        raise ValueError(f"need {header.rows}×{header.columns} pixels, got {pixels.shape}")
    return pixels


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
