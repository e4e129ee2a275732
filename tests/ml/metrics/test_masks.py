"""Overlap scores: closed forms, empty labels, and SimpleITK as referee."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ml.metrics.masks import DICE, IOU, confusion, dice_by_label, mean_score, overlap_by_label, pooled

maps = arrays.arrays(np.uint8, (3, 7, 8), elements=st.integers(0, 4))
LABELS = (1, 2, 3, 4)


def cubes(shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Two cubes of 10 voxels side, one moved by `shift` along x."""
    reference, prediction = np.zeros((2, 12, 12, 30), np.uint8)
    reference[1:11, 1:11, 1:11] = 2
    prediction[1:11, 1:11, 1 + shift : 11 + shift] = 2
    return reference, prediction


@pytest.mark.parametrize("shift", [0, 1, 3, 9, 10, 15])
def test_shifted_cubes_overlap_as_computed_by_hand(shift):
    overlap = overlap_by_label(*cubes(shift), (2,))[2]
    common = 100 * max(0, 10 - shift)
    assert (overlap.true_positive, overlap.false_positive, overlap.false_negative) == (
        common,
        1000 - common,
        1000 - common,
    )
    assert overlap.dice == pytest.approx(common / 1000)
    assert overlap.iou == pytest.approx(common / (2000 - common))


@given(maps, maps)
def test_simpleitk_agrees(reference, prediction):
    overlaps = overlap_by_label(reference, prediction, LABELS)
    for label in LABELS:
        both = (reference == label).any() or (prediction == label).any()
        if not both:
            assert overlaps[label].dice is None
            continue
        referee = sitk.LabelOverlapMeasuresImageFilter()
        one, other = (sitk.GetImageFromArray((array == label).astype(np.uint8)) for array in (reference, prediction))
        referee.Execute(one, other)
        assert overlaps[label].dice == pytest.approx(referee.GetDiceCoefficient())
        assert overlaps[label].iou == pytest.approx(referee.GetJaccardCoefficient())


@given(maps, maps)
def test_dice_and_iou_say_the_same_in_other_words(reference, prediction):
    for overlap in overlap_by_label(reference, prediction, LABELS).values():
        if overlap.dice is not None and overlap.iou is not None:
            assert overlap.dice == pytest.approx(2 * overlap.iou / (1 + overlap.iou))


@given(maps, maps)
def test_swapping_the_maps_swaps_the_errors_and_keeps_the_score(reference, prediction):
    there, back = (overlap_by_label(*pair, LABELS) for pair in ((reference, prediction), (prediction, reference)))
    for label in LABELS:
        assert there[label].dice == back[label].dice
        assert there[label].false_positive == back[label].false_negative


@given(maps, maps)
def test_every_voxel_is_counted_once(reference, prediction):
    counts = confusion(reference, prediction)
    assert counts.sum() == reference.size
    assert np.array_equal(counts.sum(axis=1), np.bincount(reference.reshape(-1), minlength=256))


def test_a_label_in_neither_map_has_no_score_and_does_not_move_the_mean():
    reference, prediction = cubes(5)
    scores = dice_by_label(reference, prediction, (2, 5))
    assert scores == {2: 0.5, 5: None}
    assert mean_score(scores) == 0.5
    assert mean_score({5: None}) is None


def test_a_label_in_one_map_alone_scores_nought():
    reference, _ = cubes(0)
    assert dice_by_label(reference, np.zeros_like(reference), (2,)) == {2: 0.0}
    assert dice_by_label(np.zeros_like(reference), reference, (2,)) == {2: 0.0}


@given(maps, maps, maps)
def test_what_the_prediction_says_on_ignored_voxels_does_not_count(reference, prediction, other):
    reference[0] = 9
    same = prediction.copy()
    same[0] = other[0]
    scores = [overlap_by_label(reference, array, LABELS, ignore=9) for array in (prediction, same)]
    assert scores[0] == scores[1]
    assert scores[0] == overlap_by_label(reference[1:], prediction[1:], LABELS)


@given(st.lists(st.tuples(maps, maps), max_size=3))
def test_cases_pooled_are_the_overlap_of_the_stacked_maps(pairs):
    together = pooled(overlap_by_label(*pair, LABELS) for pair in pairs)
    stacked = [np.concatenate([np.zeros((1, 7, 8), np.uint8), *(pair[n] for pair in pairs)]) for n in (0, 1)]
    assert together == (overlap_by_label(*stacked, LABELS) if pairs else {})


def test_a_stray_voxel_costs_a_whole_case_in_the_mean_and_almost_nothing_when_pooled():
    reference, empty = cubes(0)[0], np.zeros((12, 12, 30), np.uint8)
    stray = empty.copy()
    stray[0, 0, 0] = 2
    cases = [overlap_by_label(reference, reference, (2,)), overlap_by_label(empty, stray, (2,))]
    assert mean_score(dict(enumerate(case[2].dice for case in cases))) == 0.5
    assert pooled(cases)[2].dice == pytest.approx(2000 / 2001)


def test_volumes_are_in_millilitres():
    overlap = overlap_by_label(*cubes(3), (2,))[2]
    assert overlap.volumes_ml(2.0) == pytest.approx((1.4, 0.6, 0.6))


def test_a_large_map_is_counted_in_blocks_without_loss():
    rng = np.random.default_rng(0)
    reference, prediction = rng.integers(0, 5, (2, 5, 700, 700), dtype=np.uint8)
    expected = np.bincount((reference.astype(int) * 256 + prediction).reshape(-1), minlength=65_536)
    assert np.array_equal(confusion(reference, prediction).reshape(-1), expected)


def test_maps_that_cannot_be_compared_are_refused():
    flat = np.zeros((2, 3, 4), np.uint8)
    with pytest.raises(ValueError, match="one shape"):
        dice_by_label(flat, flat[:1], (1,))
    with pytest.raises(ValueError, match="uint8"):
        dice_by_label(flat, flat.astype(int), (1,))


def test_a_metric_has_a_name_and_a_version():
    assert [(metric.name, metric.version) for metric in (DICE, IOU)] == [("dice", 1), ("iou", 1)]
