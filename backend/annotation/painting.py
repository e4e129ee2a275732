"""The segments of a found mask as one label map. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from backend.imaging.segments.bitmaps import Bitmaps
from ml.labelmaps import LabelArray


@dataclass(frozen=True)
class Meeting:
    """Two labels, the lower value first, and in how many voxels both are drawn."""

    labels: tuple[int, int]
    voxels: int


def meetings(bitmaps: Bitmaps, mapping: Mapping[int, int]) -> tuple[Meeting, ...]:
    """Where different labels meet. mapping: label by segment, 0 leaves the segment out."""
    shared = dict[tuple[int, int], int]()
    for z in range(bitmaps.shape_zyx[0]):
        planes = _planes(bitmaps, mapping, z)
        for low, high in combinations(sorted(planes), 2):
            voxels = int(np.count_nonzero(planes[low] & planes[high]))
            if voxels:
                shared[low, high] = shared.get((low, high), 0) + voxels
    return tuple(Meeting(labels, voxels) for labels, voxels in sorted(shared.items()))


def paint(bitmaps: Bitmaps, mapping: Mapping[int, int], order: Sequence[int], onto: LabelArray) -> LabelArray:
    """Labels (Z, Y, X) with the segments drawn on a copy of `onto`. order: where labels meet, the earlier one stays."""
    labels = onto.copy()
    for z in range(bitmaps.shape_zyx[0]):
        planes = _planes(bitmaps, mapping, z)
        for label in _last_first(planes, order):
            labels[z][planes[label]] = label
    return labels


def _last_first(labels: Iterable[int], order: Sequence[int]) -> list[int]:
    """The label that wins is drawn last."""
    return sorted(labels, key=lambda label: order.index(label) if label in order else len(order), reverse=True)


def _planes(bitmaps: Bitmaps, mapping: Mapping[int, int], z: int) -> dict[int, NDArray[np.bool_]]:
    """What is drawn in one slice, by label."""
    planes = dict[int, NDArray[np.bool_]]()
    for number in bitmaps.numbers:
        label = mapping[number]
        if label and z in bitmaps.planes[number]:
            plane = bitmaps.plane(number, z)
            planes[label] = planes[label] | plane if label in planes else plane
    return planes
