"""What one draft says about its case: doubt as a whole and by label, gathered slab by slab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.query.uncertainty import Floats, closeness, normalised_entropy


@dataclass(frozen=True)
class Measures:
    """Doubt of a case. Every mean weighs a voxel by the probability that it is foreground, so that air counts nothing.

    entropy, margin: weighted means of the normalised entropy and of the closeness of the two likeliest classes.
    label_doubt (C-1): mean entropy weighted by the probability of each label; 0 for one that is nowhere likely.
    label_voxels (C-1): voxels drafted as each label.
    """

    entropy: float
    margin: float
    label_doubt: NDArray[np.float64]
    label_voxels: NDArray[np.int64]


class Gathering:
    """Running sums over the slabs of one volume; classes: background and labels together."""

    def __init__(self, classes: int) -> None:
        self._entropy = self._margin = self._weight = 0.0
        self._doubt = np.zeros(classes - 1)
        self._mass = np.zeros(classes - 1)
        self._counts = np.zeros(classes, np.int64)

    def add(self, probabilities: Floats, drafted: NDArray[np.integer]) -> Floats:
        """Take in a slab (C, …), background first, with the labels drafted in it (…); return its entropy (…)."""
        entropy = normalised_entropy(probabilities)
        weight = 1.0 - probabilities[0]
        self._entropy += float((weight * entropy).sum(dtype=np.float64))
        self._margin += float((weight * closeness(probabilities)).sum(dtype=np.float64))
        self._weight += float(weight.sum(dtype=np.float64))
        labels = probabilities[1:].reshape(len(probabilities) - 1, -1)
        self._doubt += labels @ entropy.ravel()
        self._mass += labels.sum(axis=1, dtype=np.float64)
        self._counts += np.bincount(drafted.ravel(), minlength=len(self._counts))
        return entropy

    def measures(self) -> Measures:
        """The measures of all slabs together."""
        return Measures(
            entropy=_share(self._entropy, self._weight),
            margin=_share(self._margin, self._weight),
            label_doubt=np.divide(self._doubt, self._mass, out=np.zeros_like(self._doubt), where=self._mass > 0),
            label_voxels=self._counts[1:].copy(),
        )


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0
