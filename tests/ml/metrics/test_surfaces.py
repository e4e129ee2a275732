"""Surface distances against closed forms, SimpleITK and brute force."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

from ml.metrics.surfaces import surfaces, surfaces_by_label

SPACING = (2.0, 0.8, 0.7)


def blob(seed: int, shape=(20, 30, 28)) -> np.ndarray:
    return gaussian_filter(np.random.default_rng(seed).normal(size=shape), 3) > 0.02


def box(shape, z, y, x) -> np.ndarray:
    mask = np.zeros(shape, dtype=bool)
    mask[slice(*z), slice(*y), slice(*x)] = True
    return mask


def test_a_moved_cube_is_as_far_as_it_moved():
    shape = (20, 20, 20)
    found = surfaces(box(shape, (5, 10), (5, 10), (5, 10)), box(shape, (8, 13), (5, 10), (5, 10)), SPACING)
    assert found.hd95_mm == pytest.approx(3 * 2.0)
    assert found.nsd(6.0) == 1.0
    assert 0 < found.nsd(1.0) < 1


def test_equal_masks_lie_on_each_other():
    mask = blob(1)
    found = surfaces(mask, mask, SPACING)
    assert (found.hd95_mm, found.assd_mm, found.nsd(0.0)) == (0.0, 0.0, 1.0)


def test_empty_masks_are_stated_and_not_made_up():
    mask, empty = blob(1), np.zeros((20, 30, 28), dtype=bool)
    one, none = surfaces(mask, empty, SPACING), surfaces(empty, empty, SPACING)
    assert (one.hd95_mm, one.assd_mm, one.nsd(2.0)) == (None, None, 0.0)
    assert (none.hd95_mm, none.assd_mm, none.nsd(2.0)) == (None, None, None)


def surface_points_mm(mask: np.ndarray) -> np.ndarray:
    """By its definition, voxel by voxel, with the outside of the image as background."""
    padded = np.pad(mask, 1)
    inner = padded.copy()
    for axis in range(3):
        for step in (-1, 1):
            inner &= np.roll(padded, step, axis)
    return np.argwhere(mask & ~inner[1:-1, 1:-1, 1:-1]) * np.array(SPACING)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_every_distance_is_the_one_of_brute_force(one, other):
    reference, prediction = (
        gaussian_filter(np.random.default_rng(s).normal(size=(9, 10, 11)), 1.5) > 0.05 for s in (one, other)
    )
    if not (reference.any() and prediction.any()):
        return
    found = surfaces(reference, prediction, SPACING)
    between = cdist(surface_points_mm(prediction), surface_points_mm(reference))
    np.testing.assert_allclose(np.sort(found.from_prediction), np.sort(between.min(axis=1)), atol=1e-9)
    np.testing.assert_allclose(np.sort(found.from_reference), np.sort(between.min(axis=0)), atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_distances_are_those_of_simpleitk(seed):
    reference, prediction = blob(seed), blob(seed + 100)
    found = surfaces(reference, prediction, SPACING)

    def by_simpleitk(start: np.ndarray, goal: np.ndarray) -> np.ndarray:
        images = [sitk.GetImageFromArray(mask.astype(np.uint8)) for mask in (start, goal)]
        for image in images:
            image.SetSpacing(SPACING[::-1])
        contours = [sitk.LabelContour(image, fullyConnected=False) for image in images]
        far = sitk.SignedMaurerDistanceMap(contours[1], squaredDistance=False, useImageSpacing=True)
        return np.abs(sitk.GetArrayFromImage(far))[sitk.GetArrayFromImage(contours[0]) > 0]

    inside = np.zeros_like(reference)
    inside[1:-1, 1:-1, 1:-1] = True  # LabelContour takes no voxel for a surface for being at the image's end
    found = surfaces(reference & inside, prediction & inside, SPACING)
    np.testing.assert_allclose(
        np.sort(found.from_prediction), np.sort(by_simpleitk(prediction & inside, reference & inside)), atol=1e-4
    )
    np.testing.assert_allclose(
        np.sort(found.from_reference), np.sort(by_simpleitk(reference & inside, prediction & inside)), atol=1e-4
    )


def test_labels_are_measured_where_they_lie_and_the_ignored_counts_for_none():
    reference = np.zeros((12, 14, 16), dtype=np.uint8)
    reference[2:5, 2:6, 2:6], reference[7:10, 8:12, 8:12], reference[:, :, 15] = 1, 2, 9
    prediction = np.zeros_like(reference)
    prediction[3:6, 2:6, 2:6], prediction[:, :, 15] = 1, 2
    found = surfaces_by_label(reference, prediction, (1, 2, 3), SPACING, ignore=9)
    assert found[1].hd95_mm == surfaces(reference == 1, prediction == 1, SPACING).hd95_mm == pytest.approx(2.0)
    assert (found[2].in_reference > 0, found[2].in_prediction) == (True, 0)
    assert found[3].nsd(1.0) is None


@pytest.mark.parametrize(
    ("reference", "prediction", "spacing", "says"),
    [
        (np.zeros((2, 2, 2), bool), np.zeros((2, 2, 3), bool), SPACING, "one shape"),
        (np.zeros((2, 2), bool), np.zeros((2, 2), bool), SPACING, "one shape"),
        (np.zeros((2, 2, 2), bool), np.zeros((2, 2, 2), bool), (1.0, 0.0, 1.0), "positive"),
    ],
)
def test_masks_that_do_not_fit_are_refused(reference, prediction, spacing, says):
    with pytest.raises(ValueError, match=says):
        surfaces(reference, prediction, spacing)
