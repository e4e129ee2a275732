"""Whatever a scanner stores becomes int16 with one slope and intercept, and gives the scanner's values back."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels.processing import apply_rescale

from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.frame_pixels import decoded_frames
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.pixels import read_pixels, requantised
from backend.imaging.dicom.stacks import build_stack
from tests.backend.imaging.conftest import shared
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


def test_slices_whose_slopes_leave_one_value_survive_it():
    pixels = requantised(np.zeros((3, 4, 4), np.float32))
    np.testing.assert_array_equal(scanner_values(pixels), 0)


@pytest.mark.parametrize("value", [0, 7, 65535])
def test_a_stack_without_a_picture_is_refused(study, value):
    with pytest.raises(Defect, match=f"has no picture: each of its 48 voxels is {value}"):
        pixels_of(study.add(np.full((3, 4, 4), value, np.uint16)))


def test_slices_of_one_value_are_counted(study):
    given = ramp((5, 4, 4))
    given[0], given[4] = 0, 9
    assert pixels_of(study.add(given)).blank_slices == 2


def by_pydicom(stack) -> np.ndarray:
    """Through pydicom alone, which parses each file again."""
    return np.stack([next(decoded_frames(header.path, [header])) for header in stack.headers])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
@pytest.mark.parametrize("unused", [0, 1, 4])
def test_pixels_from_their_place_in_the_file_are_those_that_pydicom_reads(study, dtype, unused):
    """Whatever lies in the bits over those stored, such as an overlay, is nobody's value."""
    size = 8 * np.dtype(dtype).itemsize
    given = np.random.default_rng(5).integers(0, 256, (3, 5, 4 * np.dtype(dtype).itemsize), dtype=np.uint8)
    bits = {"BitsAllocated": size, "BitsStored": size - unused, "HighBit": size - unused - 1}
    stack = build_stack([read_header(path) for path in study.add(given.view(dtype), **bits)])
    pixels = read_pixels(stack)
    np.testing.assert_array_equal(scanner_values(pixels), by_pydicom(stack))


@pytest.mark.parametrize(("dtype", "padding"), [(np.int16, -32768), (np.uint16, 65535), (np.uint16, 63536)])
def test_padding_takes_the_lowest_value_of_the_picture(study, dtype, padding):
    given = (ramp((3, 5, 4)) + 20).astype(dtype)
    padded = given.copy()
    padded[:, 0] = padding
    pixels = pixels_of(study.add(padded, PixelPaddingValue=padding))
    shown = scanner_values(pixels)
    np.testing.assert_array_equal(shown[:, 1:], given[:, 1:])
    np.testing.assert_array_equal(shown[:, 0], given[:, 1:].min())


def test_zero_as_padding_stays(study):
    given = ramp((3, 5, 4)) + 20
    given[:, 0] = 0
    np.testing.assert_array_equal(scanner_values(pixels_of(study.add(given, PixelPaddingValue=0))), given)


def test_low_values_that_are_bright_stay_as_the_scanner_gave_them(study):
    given = ramp((3, 5, 4))
    pixels = pixels_of(study.add(given, PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_array_equal(scanner_values(pixels), given)


def test_philips_slopes_are_what_pydicom_applies():
    folder = shared("odd_mr") / "neurolabusc+dcm_qa_philips"
    headers = [read_header(path) for path in sorted(folder.rglob("*_0002_*.dcm"))]
    stack = build_stack(headers)
    pixels = read_pixels(stack)
    assert len({header.slope for header in stack.headers}) >= 1
    for z, header in enumerate(stack.headers):
        dataset = dcmread(header.path)
        theirs = apply_rescale(dataset.pixel_array, dataset)
        np.testing.assert_allclose(scanner_values(pixels)[z], theirs, atol=0.5001 * pixels.slope)


def test_the_duke_pixels_are_those_that_pydicom_reads(duke_folder):
    headers = [read_header(path) for path in sorted(next(duke_folder.glob("2.*")).iterdir())]
    stack = build_stack(headers)
    np.testing.assert_array_equal(scanner_values(read_pixels(stack)), by_pydicom(stack))


def test_damaged_pixels_are_counted(study):
    paths = study.add(ramp((4, 8, 8)))
    stack = build_stack([read_header(path) for path in paths])
    for path in paths[1:3]:
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Defect, match="2 of 4 images whose pixels cannot be read"):
        read_pixels(stack)
