"""Whole lesions are found, missed and made up."""

from __future__ import annotations

import numpy as np
import pytest

from ml.metrics.lesions import Detection, detect

SPACING = (2.0, 1.0, 1.0)


def cubes(*corners: tuple[int, int, int], size: int = 3) -> np.ndarray:
    mask = np.zeros((12, 24, 24), dtype=bool)
    for z, y, x in corners:
        mask[z : z + size, y : y + size, x : x + size] = True
    return mask


@pytest.mark.parametrize(
    ("reference", "prediction", "counts"),
    [
        (cubes(), cubes(), (0, 0, 0)),
        (cubes((1, 1, 1)), cubes((1, 1, 1)), (1, 0, 0)),
        (cubes((1, 1, 1)), cubes(), (0, 1, 0)),
        (cubes(), cubes((1, 1, 1)), (0, 0, 1)),
        (cubes((1, 1, 1), (6, 12, 12)), cubes((1, 2, 1), (6, 1, 20)), (1, 1, 1)),
        (cubes((1, 1, 1)), cubes((3, 3, 3)), (0, 1, 1)),  # one voxel of 27 shared is a touch
        (cubes((1, 1, 1), (1, 6, 1)), cubes((1, 1, 1), size=9), (2, 0, 0)),  # one body over two lesions covers both
    ],
)
def test_lesions_are_counted(reference, prediction, counts):
    found = detect(reference, prediction, SPACING)
    assert (found.found, found.missed, found.false_positive) == counts


def test_corners_join_a_lesion():
    mask = np.zeros((4, 4, 4), dtype=bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    assert detect(mask, mask, SPACING) == Detection(1, 0, 0)


def test_specks_below_the_least_volume_do_not_count():
    speck = cubes((1, 1, 1), size=1)
    assert detect(cubes(), speck, SPACING, min_volume_mm3=4.0) == Detection(0, 0, 0)
    assert detect(cubes(), speck, SPACING, min_volume_mm3=2.0) == Detection(0, 0, 1)


def test_sensitivity_is_stated_only_where_there_are_lesions():
    assert Detection(0, 0, 3).sensitivity is None
    assert (Detection(1, 0, 0) + Detection(0, 1, 2)).sensitivity == 0.5
