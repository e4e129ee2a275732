"""How far a mean over patients can be trusted, and whether two models differ: patients are the unit throughout.

Shapiro–Wilk decides between normal theory and the bootstrap, as in MRAnnotator (Zhou et al., Radiology: AI 2025); the
bootstrap draws patients with replacement and takes percentiles. Models are compared by the paired Wilcoxon signed-rank
test; equivalence by two one-sided paired t-tests (Schuirmann 1987), as Hirsch et al., Radiology: AI 4(1), 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

RESAMPLES = 1000
CONFIDENCE = 0.95
NORMAL_IF_P = 0.05
MIN_FOR_INTERVAL = 3


@dataclass(frozen=True)
class Interval:
    """Mean of n patients' scores with its 95 % interval; low and high are None below three patients.

    method: `t` for normal theory, `bootstrap`, or `none`.
    """

    n: int
    mean: float
    low: float | None
    high: float | None
    method: Literal["t", "bootstrap", "none"]


def interval(scores: Sequence[float], *, seed: int) -> Interval:
    """The mean and how far it reaches. seed: of the resampling. Raises ValueError without scores or with NaN."""
    values = _checked(scores)
    mean = float(values.mean())
    if len(values) < MIN_FOR_INTERVAL:
        return Interval(len(values), mean, None, None, "none")
    if np.ptp(values) == 0:
        return Interval(len(values), mean, mean, mean, "bootstrap")
    if stats.shapiro(values).pvalue >= NORMAL_IF_P:
        low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=stats.sem(values))
        return Interval(len(values), mean, float(low), float(high), "t")
    generator = np.random.default_rng(seed)
    means = values[generator.integers(len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(len(values), mean, float(low), float(high), "bootstrap")


def wilcoxon_p(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Two-sided p of the paired signed-rank test; None when no pair differs. Raises ValueError for unequal numbers."""
    differences = _paired(before, after)
    if not differences.any():
        return None
    return float(stats.wilcoxon(differences, zero_method="wilcox").pvalue)


def equivalence_p(first: Sequence[float], second: Sequence[float], *, margin: float) -> float | None:
    """The larger p of two one-sided paired t-tests: below 0.05 the means differ by less than `margin`.

    None below three pairs. Raises ValueError for a margin that is not positive or unequal numbers.
    """
    if margin <= 0:
        raise ValueError(f"margin needs a positive number, got {margin}")
    differences = _paired(first, second)
    if len(differences) < MIN_FOR_INTERVAL:
        return None
    if np.ptp(differences) == 0:
        return 0.0 if abs(differences[0]) < margin else 1.0
    above = stats.ttest_1samp(differences, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(differences, margin, alternative="less").pvalue
    return float(max(above, below))


def _paired(first: Sequence[float], second: Sequence[float]) -> np.ndarray:
    if len(first) != len(second):
        raise ValueError(f"paired scores need equal numbers, got {len(first)} and {len(second)}")
    differences: np.ndarray = _checked(second) - _checked(first)
    return differences


def _checked(scores: Sequence[float]) -> np.ndarray:
    values = np.asarray(scores, dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"scores need at least one finite number each, got {len(values)} of which not all are finite")
    return values
