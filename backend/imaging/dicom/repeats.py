"""Series that were exported twice: the same pictures under other identifiers are no further time points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.phases import SAME_GRID_MM, TimedStack
from backend.imaging.dicom.pixels import read_pixels


def without_repeats(stacks: Sequence[TimedStack]) -> tuple[list[TimedStack], list[tuple[TimedStack, TimedStack]]]:
    """The stacks of one protocol that are each the first of their pictures, and pairs (left out, kept)."""
    kept: list[TimedStack] = []
    repeated = []
    for stack in stacks:
        twin = next((other for other in kept if _same(other, stack)), None)
        if twin is None:
            kept.append(stack)
        else:
            repeated.append((stack, twin))
    return kept, repeated


def _same(one: TimedStack, other: TimedStack) -> bool:
    """True for equal pixels: two acquisitions never share their noise. Only what has equal times is looked at."""
    if one.part.series.uid == other.part.series.uid or _times(one) != _times(other):
        return False
    if not one.stack.geometry.same_grid(other.stack.geometry, tolerance_mm=SAME_GRID_MM):
        return False
    try:
        a, b = read_pixels(one.stack), read_pixels(other.stack)
    except Defect:
        return False
    return (a.slope, a.intercept) == (b.slope, b.intercept) and bool(np.array_equal(a.stored, b.stored))


def _times(stack: TimedStack) -> tuple[object, ...]:
    first = stack.first
    return (first.acquired_s, first.trigger_ms, first.offset_s, first.temporal_position)
