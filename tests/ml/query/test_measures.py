"""Doubt of a whole case, and its coarse picture."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy
from skimage.measure import block_reduce

from ml.query.doubt_map import LONGEST_SIDE, block_size, coarse, packed, unpacked
from ml.query.measures import Gathering


def gathered(probabilities):
    """Measures of (C, Z, Y, X), slab by slab along z."""
    sums = Gathering(len(probabilities))
    for z in range(probabilities.shape[1]):
        sums.add(probabilities[:, z], probabilities[:, z].argmax(axis=0))
    return sums.measures()


@settings(deadline=None)
@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_means_weigh_voxels_by_how_likely_they_are_foreground(classes, seed):
    drawn = np.random.default_rng(seed).dirichlet(np.ones(classes), size=(3, 4, 5))
    doubt = entropy(drawn, axis=-1) / np.log(classes)
    measures = gathered(np.moveaxis(drawn, -1, 0).astype(np.float32))
    assert measures.entropy == pytest.approx(np.average(doubt, weights=1 - drawn[..., 0]), abs=1e-5)
    top = np.sort(drawn, axis=-1)
    close = 1 - (top[..., -1] - top[..., -2])
    assert measures.margin == pytest.approx(np.average(close, weights=1 - drawn[..., 0]), abs=1e-5)
    by_label = [np.average(doubt, weights=drawn[..., label]) for label in range(1, classes)]
    assert np.allclose(measures.label_doubt, by_label, atol=1e-5)
    assert measures.label_voxels.tolist() == [int((drawn.argmax(-1) == label).sum()) for label in range(1, classes)]


def test_air_changes_nothing():
    case = np.moveaxis(np.random.default_rng(1).dirichlet(np.ones(3), size=(2, 4, 4)), -1, 0).astype(np.float32)
    air = np.zeros((3, 6, 4, 4), np.float32)
    air[0] = 1
    alone, among_air = gathered(case), gathered(np.concatenate([case, air], axis=1))
    assert among_air.entropy == pytest.approx(alone.entropy)
    assert np.allclose(among_air.label_doubt, alone.label_doubt)


def test_an_empty_draft_has_no_doubt():
    air = np.zeros((3, 2, 4, 4), np.float32)
    air[0] = 1
    measures = gathered(air)
    assert (measures.entropy, measures.margin) == (0, 0)
    assert measures.label_doubt.tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(10, 64, 64), (160, 128, 192), (64, 256, 128)])
def test_a_coarse_map_is_the_mean_of_blocks(shape):
    doubt = np.random.default_rng(0).random(shape, dtype=np.float32)
    blocks = tuple(block_size(size) for size in shape)
    if any(size % block for size, block in zip(shape, blocks, strict=True)):
        doubt = doubt[tuple(slice(0, size // block * block) for size, block in zip(shape, blocks, strict=True))]
    means = block_reduce(doubt.astype(np.float64), tuple(block_size(size) for size in doubt.shape), np.mean)
    assert np.abs(coarse(doubt) - means * 255).max() <= 0.5 + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.integers(1, 150)] * 3))
def test_a_coarse_map_is_small_and_keeps_a_level_as_it_is(shape):
    shades = coarse(np.full(shape, 0.4, np.float32))
    assert max(shades.shape) <= LONGEST_SIDE
    assert (shades == 102).all()


def test_a_map_comes_back_and_the_same_map_gives_the_same_bytes():
    shades = np.random.default_rng(0).integers(0, 256, (4, 64, 48), dtype=np.uint8)
    assert np.array_equal(unpacked(packed(shades)), shades)
    assert packed(shades) == packed(shades.copy())


def test_what_is_no_map_is_refused():
    for content in (b"", b"no gzip", gzip.compress(b"no array"), packed(np.zeros((65, 1, 1), np.uint8))):
        with pytest.raises(ValueError, match=r"doubt map|at most 64"):
            unpacked(content)
