"""Intervals hold what they promise, and tests of difference and equivalence say what scipy and closed forms say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ml.metrics.intervals import equivalence_p, interval, wilcoxon_p


def test_scores_that_look_normal_get_the_interval_of_student():
    scores = list(np.random.default_rng(7).normal(0.8, 0.05, size=30))
    found = interval(scores, seed=0)
    low, high = stats.t.interval(0.95, 29, loc=np.mean(scores), scale=stats.sem(scores))
    assert found.method == "t"
    assert found.n == 30
    assert (found.mean, found.low, found.high) == pytest.approx((np.mean(scores), low, high))


def test_skewed_scores_are_resampled_as_scipy_does():
    scores = list(1 - np.random.default_rng(2).exponential(0.05, size=60))
    found = interval(scores, seed=0)
    theirs = stats.bootstrap((scores,), np.mean, n_resamples=20_000, method="percentile", rng=1).confidence_interval
    assert found.method == "bootstrap"
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=2e-3)
    assert found == interval(scores, seed=0)


@pytest.mark.parametrize("draw", [lambda g: g.normal(0.7, 0.1, 20), lambda g: 1 - g.exponential(0.1, 40)])
def test_the_true_mean_lies_inside_about_nineteen_times_of_twenty(draw):
    generator = np.random.default_rng(3)
    truth = 0.7 if len(draw(generator)) == 20 else 0.9
    inside = 0
    for n in range(300):
        found = interval(list(draw(generator)), seed=n)
        inside += found.low <= truth <= found.high
    assert 0.88 <= inside / 300 <= 0.99


def test_too_few_patients_have_no_interval():
    assert interval([0.5, 0.7], seed=0).low is None
    assert interval([0.5, 0.5, 0.5], seed=0).high == 0.5


def test_a_model_that_is_better_everywhere_is_told_from_one_that_is_not():
    before = [0.5, 0.6, 0.55, 0.7, 0.65, 0.62, 0.58, 0.66]
    assert wilcoxon_p(before, [b + 0.05 + n / 1000 for n, b in enumerate(before)]) == pytest.approx(2 / 2**8)
    assert wilcoxon_p(before, before) is None


def test_equivalence_needs_a_small_difference_and_enough_patients():
    generator = np.random.default_rng(4)
    reader = generator.normal(0.8, 0.05, 40)
    model = reader + generator.normal(0, 0.02, 40)
    assert equivalence_p(list(reader), list(model), margin=0.05) < 0.001
    assert equivalence_p(list(reader), list(model - 0.05), margin=0.05) > 0.05
    assert equivalence_p([0.8, 0.8], [0.8, 0.8], margin=0.05) is None
    assert equivalence_p([0.8] * 3, [0.8] * 3, margin=0.05) == 0.0
    assert equivalence_p([0.8] * 3, [0.9] * 3, margin=0.05) == 1.0


@pytest.mark.parametrize("scores", [[], [0.5, float("nan")]])
def test_what_is_no_number_is_refused(scores):
    with pytest.raises(ValueError, match="finite"):
        interval(scores, seed=0)


def test_pairs_must_be_pairs():
    with pytest.raises(ValueError, match="equal numbers"):
        wilcoxon_p([0.1], [0.1, 0.2])
    with pytest.raises(ValueError, match="margin"):
        equivalence_p([0.1], [0.1], margin=0)
