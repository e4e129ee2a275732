"""How unsure a network is of its own draft, voxel by voxel. Everything runs from 0 (sure) to 1 (clueless)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def normalised_entropy(probabilities: Floats) -> Floats:
    """Entropy of class probabilities (C, …) over C, divided by log C: 0 sure, 1 every class alike; shape (…).

    Raises ValueError for fewer than two classes.
    Source: C. E. Shannon, A Mathematical Theory of Communication, 1948, section 6.
    """
    classes = _classes(probabilities)
    floor = np.finfo(np.float32).tiny  # 0 log 0 = 0
    terms = probabilities * np.log(np.maximum(probabilities, floor))
    entropy: Floats = np.clip(-terms.sum(axis=0) / np.log(classes), 0.0, 1.0).astype(np.float32)
    return entropy


def closeness(probabilities: Floats) -> Floats:
    """One less the margin between the two likeliest of class probabilities (C, …): 1 where both are alike; shape (…).

    Raises ValueError for fewer than two classes.
    Source: T. Scheffer et al., Active hidden Markov models for information extraction, IDA 2001.
    """
    _classes(probabilities)
    first, second = probabilities[0], np.zeros_like(probabilities[0])
    for other in probabilities[1:]:  # class by class: sorting them all takes several times as long
        second = np.maximum(second, np.minimum(first, other))
        first = np.maximum(first, other)
    close: Floats = np.clip(1.0 - (first - second), 0.0, 1.0).astype(np.float32)
    return close


class Disagreement:
    """Mutual information between class and member, from running sums: memory does not grow with the members.

    Members are class probabilities (C, …) of folds, of mirror images, or of the image with other grey values.
    Source: N. Houlsby et al., Bayesian active learning for classification and preference learning, 2011 (BALD);
    over test-time augmentation G. Wang et al., Neurocomputing 338, 2019.
    """

    def __init__(self) -> None:
        self.members = 0
        self._sum: Floats | None = None
        self._entropies: Floats | None = None

    def add(self, probabilities: Floats) -> None:
        """Take in one member. Raises ValueError where its shape is not that of the members before."""
        entropy = normalised_entropy(probabilities)
        if self._sum is None or self._entropies is None:
            self._sum, self._entropies = probabilities.astype(np.float32), entropy
        elif self._sum.shape != probabilities.shape:
            raise ValueError(f"need members of shape {self._sum.shape}, got {probabilities.shape}")
        else:
            self._sum = self._sum + probabilities
            self._entropies = self._entropies + entropy
        self.members += 1

    def mean(self) -> Floats:
        """Mean probabilities (C, …). Raises ValueError before the first member."""
        if self._sum is None:
            raise ValueError("need a member first")
        mean: Floats = self._sum / np.float32(self.members)
        return mean

    def information(self) -> Floats:
        """Entropy of the mean less the mean of the entropies (…): 0 where all members agree.

        Raises ValueError for fewer than two members.
        """
        if self.members < 2 or self._entropies is None:
            raise ValueError(f"need two members or more, got {self.members}")
        between = normalised_entropy(self.mean()) - self._entropies / np.float32(self.members)
        information: Floats = np.clip(between, 0.0, 1.0)
        return information


def mutual_information(members: Floats) -> Floats:
    """`Disagreement` of members (M, C, …) that are all at hand; shape (…)."""
    sums = Disagreement()
    for member in members:
        sums.add(member)
    return sums.information()


def _classes(probabilities: Floats) -> int:
    classes = int(probabilities.shape[0])
    if classes < 2:
        raise ValueError(f"need (C>=2, …), got {probabilities.shape}")
    return classes
