"""Entropy of class probabilities, against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from ml.query.uncertainty import normalised_entropy


@given(st.integers(2, 10), st.integers(0, 2**32 - 1))
def test_scipy_agrees(classes, seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(classes), size=(3, 4))
    stacked = np.moveaxis(probabilities, -1, 0).astype(np.float32)
    expected = entropy(probabilities, axis=-1) / np.log(classes)
    assert np.allclose(normalised_entropy(stacked), expected, atol=1e-5)


@pytest.mark.parametrize("classes", [2, 10])
def test_certainty_is_nought_and_cluelessness_is_one(classes):
    sure = np.zeros((classes, 2, 2), np.float32)
    sure[0] = 1.0
    assert (normalised_entropy(sure) == 0.0).all()
    assert np.allclose(normalised_entropy(np.full((classes, 2, 2), 1 / classes, np.float32)), 1.0)


def test_one_class_has_no_entropy_to_speak_of():
    with pytest.raises(ValueError, match="C>=2"):
        normalised_entropy(np.ones((1, 2, 2), np.float32))
