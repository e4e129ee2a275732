"""Lesions found, missed and made up: whole connected bodies are counted instead of voxels.

Definitions. A lesion is a body of voxels that touch by faces, edges or corners (26 neighbours) and holds at least
`min_volume_mm3`. A reference lesion is found when a predicted lesion overlaps it with an IoU of at least `MIN_IOU`, or
covers at least `MIN_COVER` of it; a predicted lesion that finds none is a false positive.
Source: Maier-Hein et al., Metrics reloaded, Nature Methods 21:195, 2024 (object detection from segmentations).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import generate_binary_structure
from scipy.ndimage import label as connected

from ml.metrics.masks import Definition

DETECTION = Definition("lesions", 1)
MIN_IOU = 0.1
MIN_COVER = 0.5
CORNERS = generate_binary_structure(3, 3)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Detection:
    """Lesions of the reference that were found and missed, and predicted ones that found nothing."""

    found: int
    missed: int
    false_positive: int

    def __add__(self, other: Detection) -> Detection:
        """Lesions of two cases."""
        return Detection(
            self.found + other.found, self.missed + other.missed, self.false_positive + other.false_positive
        )

    @property
    def sensitivity(self) -> float | None:
        """Share of the reference lesions that were found; None where there is none."""
        total = self.found + self.missed
        return self.found / total if total else None


def detect(
    reference: Mask, prediction: Mask, spacing_zyx_mm: tuple[float, float, float], *, min_volume_mm3: float = 0.0
) -> Detection:
    """Lesions of two masks (Z, Y, X). Raises ValueError when the shapes differ."""
    if reference.shape != prediction.shape:
        raise ValueError(f"masks need one shape, got {reference.shape} and {prediction.shape}")
    least = min_volume_mm3 / float(np.prod(spacing_zyx_mm))
    theirs, their_sizes = _bodies(reference, least)
    ours, our_sizes = _bodies(prediction, least)
    shared = np.zeros((len(their_sizes), len(our_sizes)), dtype=np.int64)
    both = (theirs > 0) & (ours > 0)
    np.add.at(shared, (theirs[both] - 1, ours[both] - 1), 1)
    union = their_sizes[:, None] + our_sizes[None, :] - shared
    hits = (shared >= MIN_IOU * union) | (shared >= MIN_COVER * their_sizes[:, None])
    hits &= shared > 0
    found = int(hits.any(axis=1).sum())
    return Detection(found, len(their_sizes) - found, len(our_sizes) - int(hits.any(axis=0).sum()))


def _bodies(mask: Mask, least: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bodies numbered from 1 (Z, Y, X), and their voxels (n,), without those smaller than `least` voxels."""
    numbered, count = connected(mask, CORNERS)
    sizes = np.bincount(numbered.reshape(-1), minlength=count + 1)[1:]
    kept = np.flatnonzero(sizes >= least)
    renumbered = np.zeros(count + 1, dtype=np.int64)
    renumbered[kept + 1] = np.arange(1, len(kept) + 1)
    return renumbered[numbered], sizes[kept].astype(np.int64)
