"""What people get wrong when they draw, on slices (Y, X) of labels. Pure, given a random generator."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ml.labelmaps import LabelArray

GROSS_SHARE = 0.5
GROSS_VOXELS = 30


class Mistake(StrEnum):
    """One kind of mistake on one slice."""

    TIGHT = "tight"  # one structure is drawn a pixel too small
    LOOSE = "loose"  # one structure is drawn a pixel too large
    OVERLOOKED = "overlooked"  # the slice stays as the draft had it, empty where there was none


def with_mistakes(truth: LabelArray, draft: LabelArray | None, share: float, random: np.random.Generator) -> LabelArray:
    """The truth (Z, Y, X) as somebody draws it who errs on a share (0 to 1) of the slices that hold anything."""
    drawn = truth.copy()
    for z in np.flatnonzero(truth.any(axis=(1, 2))):
        if random.random() >= share:
            continue
        mistake = list(Mistake)[random.integers(len(Mistake))]
        before = np.zeros_like(truth[z]) if draft is None else draft[z]
        drawn[z] = before if mistake is Mistake.OVERLOOKED else _redrawn(truth[z], mistake, random)
    return drawn


def overlooked_label(drawn: LabelArray, truth: LabelArray) -> int | None:
    """A label of which a reviewer would see at a glance that most is missing; None where there is none."""
    for value in np.unique(truth[truth > 0]).tolist():
        wanted = truth == value
        there = int(np.count_nonzero(wanted & (drawn == value)))
        if wanted.sum() >= GROSS_VOXELS and there < GROSS_SHARE * int(wanted.sum()):
            return int(value)
    return None


def _redrawn(labels: LabelArray, mistake: Mistake, random: np.random.Generator) -> LabelArray:
    present = np.unique(labels[labels > 0])
    value = present[random.integers(present.size)]
    region = labels == value
    changed = labels.copy()
    if mistake is Mistake.TIGHT:
        changed[region & ~_eroded(region)] = 0
    else:
        changed[_grown(region) & (labels == 0)] = value
    return changed


def _grown(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The region and its four neighbours."""
    padded = np.pad(region, 1)
    return padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]


def _eroded(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~_grown(~region)
