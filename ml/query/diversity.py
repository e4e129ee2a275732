"""Cases that look unlike each other and unlike what is labelled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]
_AT_ONCE = 256


def standardised(features: Features, others: Features) -> tuple[Features, Features]:
    """Both sets (N, D) and (M, D) with each column's mean over both taken off and its deviation made 1.

    A column that never varies becomes 0.
    """
    both = np.concatenate([features, others]).astype(np.float32)
    both -= both.mean(axis=0)
    deviation = both.std(axis=0)
    both /= np.where(deviation > 1e-6, deviation, np.inf)
    return both[: len(features)], both[len(features) :]


def nearest_distance(features: Features, centres: Features) -> NDArray[np.float64]:
    """Euclidean distance of each row (N, D) to its nearest centre (M, D); infinity where there is no centre."""
    nearest = np.full(len(features), np.inf)
    squares = np.einsum("nd,nd->n", features, features)
    for start in range(0, len(centres), _AT_ONCE):
        some = centres[start : start + _AT_ONCE]
        between = squares[:, None] - 2 * (features @ some.T) + np.einsum("md,md->m", some, some)[None]
        np.minimum(nearest, between.min(axis=1), out=nearest)
    distances: NDArray[np.float64] = np.sqrt(np.maximum(nearest, 0))
    return distances


def k_center_greedy(
    features: Features, centres: Features, groups: NDArray[np.int64], size: int
) -> list[tuple[int, float, float]]:
    """Up to `size` rows of features (N, D), each the farthest from centres (M, D) and from the rows before it.

    groups (N): of rows with one group at most one is taken. Without a centre the row nearest to the mean comes first,
    at distance 0: it stands for the most. Returns rows with their distances, and the median distance of the rows that
    were free to be taken.
    Source: O. Sener, S. Savarese, Active Learning for Convolutional Neural Networks: A Core-Set Approach, ICLR 2018.
    """
    nearest = nearest_distance(features, centres)
    free = np.ones(len(features), bool)
    picked: list[tuple[int, float, float]] = []
    while free.any() and len(picked) < size:
        row = _farthest(nearest, free) if len(centres) or picked else _nearest_to_mean(features)
        known = bool(np.isfinite(nearest[row]))
        picked.append((row, float(nearest[row]), float(np.median(nearest[free]))) if known else (row, 0.0, 0.0))
        free &= groups != groups[row]
        np.minimum(nearest, np.linalg.norm(features - features[row], axis=1), out=nearest)
    return picked


def _farthest(nearest: NDArray[np.float64], free: NDArray[np.bool_]) -> int:
    return int(np.argmax(np.where(free, nearest, -1.0)))


def _nearest_to_mean(features: Features) -> int:
    return int(np.argmin(np.linalg.norm(features - features.mean(axis=0), axis=1)))
