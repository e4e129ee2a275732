"""Spread over features: closed forms on a line, scipy's distances, and the bound that greedy keeps."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from ml.query.diversity import k_center_greedy, nearest_distance, standardised

NONE = np.empty((0, 1), np.float32)


def line(*places):
    return np.array(places, np.float32)[:, None]


def each_alone(features):
    return np.arange(len(features))


def rows(picked):
    return [row for row, _, _ in picked]


def test_the_farthest_from_what_is_labelled_comes_first_then_what_is_far_from_both():
    features = line(0.0, 1.0, 5.0, 10.0)
    picked = k_center_greedy(features, line(0.0), each_alone(features), 3)
    assert picked == [(3, 10.0, 3.0), (2, 5.0, 1.0), (1, 1.0, 0.5)]


def test_without_a_centre_the_middle_comes_first():
    features = line(0.0, 4.0, 5.0, 10.0)
    assert rows(k_center_greedy(features, NONE, each_alone(features), 2)) == [2, 0]


def test_of_one_group_only_one_is_taken():
    features = line(0.0, 9.0, 10.0, 3.0)
    assert rows(k_center_greedy(features, line(0.0), np.array([1, 7, 7, 2]), 9)) == [2, 3, 0]


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_distances_are_those_of_scipy(seed):
    random = np.random.default_rng(seed)
    features, centres = (random.normal(size=(n, 5)).astype(np.float32) for n in (20, 300))
    assert np.allclose(nearest_distance(features, centres), cdist(features, centres).min(axis=1), atol=1e-3)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_greedy_covers_within_twice_the_best_radius(seed, size):
    """The known bound of the greedy solution, with the best one found by trying all."""
    features = np.random.default_rng(seed).normal(size=(9, 2)).astype(np.float32)
    labelled = features[:1]

    def radius(chosen):
        return cdist(features, np.concatenate([labelled, features[list(chosen)]])).min(axis=1).max()

    best = min(radius(chosen) for chosen in combinations(range(9), size))
    assert radius(rows(k_center_greedy(features, labelled, each_alone(features), size))) <= 2 * best + 1e-5


def test_columns_count_alike_and_one_that_never_varies_counts_nothing():
    features = np.array([[0, 0, 7], [1, 1000, 7]], np.float32)
    own, others = standardised(features[:1], features[1:])
    assert np.allclose(own, [[-1, -1, 0]])
    assert np.allclose(others, [[1, 1, 0]])
