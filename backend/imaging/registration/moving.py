"""Registers one phase of a stored volume onto its first, one phase in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from backend.core import blobs
from backend.imaging.models import Phase, Volume
from backend.imaging.pictures import View, grey, overlay, png, view_along
from backend.imaging.stored import load_slices, store_phase
from ml.preprocessing.registration import Movement, as_image, find_transform, moved, movement, reduced

FIELDS = ("codec", "slices_per_chunk", "chunks", "slope", "intercept", "window_low", "window_high")
SLICES_AT_ONCE = 16
MIP_PERCENTILES = (1.0, 99.8)


@dataclass(frozen=True)
class MovedPhase:
    """phase: fields as `Registration.phases` has them. report, pictures: what `Registration` keeps of it."""

    phase: dict[str, Any]
    report: dict[str, Any]
    pictures: dict[str, str]


def fields_of(phase: Phase) -> dict[str, Any]:
    """Where a phase's pixels are and how they are read."""
    return {name: getattr(phase, name) for name in FIELDS}


def reduced_phase(volume: Volume, phase: Phase) -> sitk.Image:
    """A phase's stored values on the grid on which transforms are searched."""
    return reduced(as_image(_stored(volume, phase).astype(np.float32), volume.geometry))


def move_phase(
    volume: Volume, first: Phase, fixed: sitk.Image, phase: Phase, *, deformable: bool, on_step: Callable[[float], None]
) -> MovedPhase:
    """Register a phase onto the first one, whose reduced image is `fixed`. A phase that got no better stays as it was.

    on_step: told the share done, 0 to 1; may raise to stop.
    """
    stored = _stored(volume, phase)
    image = as_image(stored.astype(np.float32), volume.geometry)
    small = reduced(image)
    transform = find_transform(fixed, small, deformable=deformable, on_step=lambda share: on_step(share * 0.9))
    told = movement(fixed, small, transform)
    fields, after = fields_of(phase), stored
    if told.better:
        values = np.rint(sitk.GetArrayFromImage(moved(image, transform)))
        after = np.clip(values, stored.min(), stored.max()).astype(np.int16)
        blocks = store_phase(after)
        fields |= {name: getattr(blocks, name) for name in ("codec", "slices_per_chunk", "chunks")}
        fields |= {"window_low": blocks.window_low, "window_high": blocks.window_high}
    on_step(0.95)
    report = {"index": phase.index, "label": phase.label, "better": told.better, "words": words(told), **asdict(told)}
    return MovedPhase(fields, report, _pictures(volume, first, phase, stored, after))


def words(told: Movement) -> str:
    """What became of a phase, as a sentence."""
    if not told.better:
        return "No more like the first phase than before: it stays as it was."
    return (
        f"More like the first phase than before; the body moved by {told.mean_mm:.1f} mm on average, 95 % of it by up "
        f"to {told.p95_mm:.1f} mm."
    )


def _stored(volume: Volume, phase: Phase) -> NDArray[np.int16]:
    return load_slices(phase, volume.shape_zyx, 0, volume.shape_zyx[0])


def _pictures(
    volume: Volume, first: Phase, phase: Phase, before: NDArray[np.int16], after: NDArray[np.int16]
) -> dict[str, str]:
    """Middle slice laid over the first phase's, and the projection of the difference from it, before and after."""
    view = view_along(volume.geometry, 0)
    middle = volume.shape_zyx[0] // 2
    still = grey(load_slices(first, volume.shape_zyx, middle, middle + 1)[0], (first.window_low, first.window_high))
    window = (phase.window_low, phase.window_high)
    laid = {name: overlay(still, grey(values[middle], window)) for name, values in _named(before, after)}
    mips = {name: _difference_mip(volume, first, phase, values) for name, values in _named(before, after)}
    low, high = (float(value) for value in np.percentile(mips["before"], MIP_PERCENTILES))
    pictures = {f"slice_{name}": _put(view, picture) for name, picture in laid.items()}
    return pictures | {f"mip_{name}": _put(view, grey(mip, (low, high))) for name, mip in mips.items()}


def _named(before: NDArray[np.int16], after: NDArray[np.int16]) -> tuple[tuple[str, NDArray[np.int16]], ...]:
    return ("before", before), ("after", after)


def _difference_mip(volume: Volume, first: Phase, phase: Phase, stored: NDArray[np.int16]) -> NDArray[np.float32]:
    """Maximum along z (Y, X) of the phase less the first one, in scanner values, a few slices at a time."""
    mip = np.full(volume.shape_zyx[1:], -np.inf, dtype=np.float32)
    for start in range(0, len(stored), SLICES_AT_ONCE):
        stop = min(start + SLICES_AT_ONCE, len(stored))
        pre = load_slices(first, volume.shape_zyx, start, stop).astype(np.float32) * first.slope + first.intercept
        post = stored[start:stop].astype(np.float32) * phase.slope + phase.intercept
        np.maximum(mip, (post - pre).max(axis=0), out=mip)
    return mip


def _put(view: View, picture: NDArray[np.uint8]) -> str:
    return blobs.put(png(view.turned(picture), view.spacing_mm))
