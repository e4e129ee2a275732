"""Doubt about a voxel: closed forms, and scipy as referee."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from ml.query.uncertainty import Disagreement, closeness, mutual_information, normalised_entropy


def some(seed, *shape):
    """Class probabilities (…, C) float64."""
    return np.random.default_rng(seed).dirichlet(np.ones(shape[-1]), size=shape[:-1])


def classes_first(probabilities):
    return np.moveaxis(probabilities, -1, 0).astype(np.float32)


@settings(deadline=None)
@given(st.integers(2, 10), st.integers(0, 2**32 - 1))
def test_scipy_agrees(classes, seed):
    probabilities = some(seed, 3, 4, classes)
    expected = entropy(probabilities, axis=-1) / np.log(classes)
    assert np.allclose(normalised_entropy(classes_first(probabilities)), expected, atol=1e-5)


@pytest.mark.parametrize("classes", [2, 10])
def test_certainty_is_nought_and_cluelessness_is_one(classes):
    sure = np.zeros((classes, 2, 2), np.float32)
    sure[0] = 1.0
    clueless = np.full((classes, 2, 2), 1 / classes, np.float32)
    for measure in (normalised_entropy, closeness):
        assert (measure(sure) == 0.0).all()
        assert np.allclose(measure(clueless), 1.0)


@pytest.mark.parametrize("measure", [normalised_entropy, closeness])
def test_one_class_has_no_doubt_to_speak_of(measure):
    with pytest.raises(ValueError, match="C>=2"):
        measure(np.ones((1, 2, 2), np.float32))


def test_closeness_looks_at_the_two_likeliest_alone():
    probabilities = np.array([[0.5, 0.3, 0.2, 0.0], [0.45, 0.45, 0.05, 0.05], [0.1, 0.2, 0.3, 0.4]], np.float32).T
    assert np.allclose(closeness(probabilities), [0.8, 1.0, 0.9])


def test_members_that_are_sure_of_opposite_things_disagree_wholly():
    members = np.zeros((2, 2, 1), np.float32)
    members[0, 0], members[1, 1] = 1, 1
    assert np.allclose(mutual_information(members), 1.0)


def test_members_that_are_equally_clueless_do_not_disagree():
    assert np.allclose(mutual_information(np.full((3, 4, 5), 0.25, np.float32)), 0.0, atol=1e-6)


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_mutual_information_is_the_mean_divergence_from_the_mean(members, classes, seed):
    """I = mean over members of KL(member, mean), by scipy."""
    probabilities = some(seed, members, 3, classes)
    expected = entropy(probabilities, probabilities.mean(axis=0)[None], axis=-1).mean(axis=0) / np.log(classes)
    stacked = np.stack([classes_first(member) for member in probabilities])
    assert np.allclose(mutual_information(stacked), expected, atol=1e-5)


def test_running_sums_give_the_mean_and_refuse_what_does_not_fit():
    sums = Disagreement()
    with pytest.raises(ValueError, match="a member first"):
        sums.mean()
    sums.add(np.full((2, 3), 0.5, np.float32))
    with pytest.raises(ValueError, match="two members"):
        sums.information()
    with pytest.raises(ValueError, match=r"shape \(2, 3\), got \(2, 4\)"):
        sums.add(np.full((2, 4), 0.5, np.float32))
    sums.add(np.array([[1.0] * 3, [0.0] * 3], np.float32))
    assert np.allclose(sums.mean(), [[0.75] * 3, [0.25] * 3])
