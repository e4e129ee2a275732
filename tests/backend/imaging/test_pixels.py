"""Whatever a scanner stores becomes int16 with one slope and intercept, and gives the scanner's values back."""

from __future__ import annotations

import numpy as np
import pytest

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.stacks import build_stack
from tests.backend.imaging.dicom_files import ramp


def pixels_of(paths):
    return read_pixels(build_stack([read_header(path) for path in paths]))


def scanner_values(pixels):
    return pixels.stored.astype(np.float64) * pixels.slope + pixels.intercept


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
def test_values_that_fit_are_stored_as_they_are(study, dtype):
    random = np.random.default_rng(1)
    given = random.integers(0, 255, (3, 5, 4)).astype(dtype) - (100 if dtype is np.int16 else 0)
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7} if dtype is np.uint8 else {}
    pixels = pixels_of(study.add(given.astype(dtype), **bits))
    assert pixels.stored.dtype == np.dtype("<i2")
    assert (pixels.slope, pixels.intercept) == (1, 0)
    np.testing.assert_array_equal(pixels.stored, given)


@pytest.mark.parametrize("low", [0, 1000, 40000])
def test_unsigned_values_over_the_signed_range_move_down_without_loss(study, low):
    given = np.linspace(low, 65535, 60).reshape(3, 5, 4).astype(np.uint16)
    pixels = pixels_of(study.add(given))
    np.testing.assert_array_equal(scanner_values(pixels), given)


def test_one_rescale_is_kept_apart_from_the_stored_values(study):
    given = ramp((3, 5, 4))
    pixels = pixels_of(study.add(given, RescaleSlope="1.25", RescaleIntercept="-7"))
    np.testing.assert_array_equal(pixels.stored, given)
    np.testing.assert_allclose(scanner_values(pixels), given * 1.25 - 7)


def test_shifted_values_keep_their_rescale(study):
    given = np.linspace(0, 65535, 60).reshape(3, 5, 4).astype(np.uint16)
    pixels = pixels_of(study.add(given, RescaleSlope="0.5", RescaleIntercept="3"))
    np.testing.assert_allclose(scanner_values(pixels), given * 0.5 + 3)


def test_a_slope_for_each_slice_comes_out_within_half_a_step(study):
    slopes = [1.0, 2.5, 0.25]
    given = ramp((3, 5, 4), start=200)
    pixels = pixels_of(study.add(given, edit=lambda header, n: setattr(header, "RescaleSlope", str(slopes[n]))))
    expected = given * np.array(slopes)[:, None, None]
    np.testing.assert_allclose(scanner_values(pixels), expected, atol=0.5001 * pixels.slope)
    assert pixels.slope == pytest.approx((expected.max() - expected.min()) / 65535)


def test_slices_that_are_all_the_same_value_survive_their_slopes(study):
    paths = study.add(
        np.zeros((3, 4, 4), np.uint16), edit=lambda header, n: setattr(header, "RescaleSlope", str(n + 1))
    )
    np.testing.assert_array_equal(scanner_values(pixels_of(paths)), 0)


def test_damaged_pixels_are_counted(study):
    paths = study.add(ramp((4, 8, 8)))
    stack = build_stack([read_header(path) for path in paths])
    for path in paths[1:3]:
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Defect, match="2 of 4 images whose pixels cannot be read"):
        read_pixels(stack)
