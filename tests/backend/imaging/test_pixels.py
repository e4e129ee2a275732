"""Whatever a scanner stores becomes int16 with one slope and intercept, and gives the scanner's values back."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import SimpleITK as sitk

from backend.core import blobs
from backend.imaging.chunks import SLICES_PER_CHUNK
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.headers import read_header
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.stacks import build_stack
from backend.imaging.stored import load_slices, store_phase
from backend.imaging.thumbnails import png_of
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


@pytest.mark.parametrize("slices", [1, 15, 16, 17, 40])
def test_chunks_give_every_slice_back(slices):
    given = np.random.default_rng(slices).integers(-(2**15), 2**15, (slices, 6, 5), dtype=np.int16)
    stored = store_phase(given)
    assert len(stored.chunks) == -(-slices // SLICES_PER_CHUNK)
    np.testing.assert_array_equal(load_slices(stored, given.shape, 0, slices), given)
    middle = slices // 2
    np.testing.assert_array_equal(load_slices(stored, given.shape, middle, middle + 1)[0], given[middle])


def test_a_chunk_is_plain_gzip_of_little_endian_int16():
    given = np.arange(-60, 60, dtype=np.int16).reshape(2, 6, 10)
    (digest,) = store_phase(given).chunks
    inflated = zlib.decompress(blobs.get(digest), wbits=16 + zlib.MAX_WBITS)
    np.testing.assert_array_equal(np.frombuffer(inflated, "<i2").reshape(given.shape), given)


def test_equal_pixels_give_equal_chunks():
    given = np.arange(200, dtype=np.int16).reshape(2, 10, 10)
    assert store_phase(given).chunks == store_phase(given.copy()).chunks


def test_the_window_is_where_numpy_finds_the_percentiles():
    given = np.random.default_rng(3).gamma(2, 300, (20, 30, 30)).astype(np.int16) - 50
    stored = store_phase(given)
    low, high = np.percentile(given, (1, 99.5), method="inverted_cdf")
    assert (stored.window_low, stored.window_high) == (low, high)


def test_a_flat_phase_has_a_window_that_is_not_empty():
    stored = store_phase(np.full((2, 3, 3), 7, np.int16))
    assert (stored.window_low, stored.window_high) == (7, 8)


def decoded(png: bytes, tmp_path) -> np.ndarray:
    path = tmp_path / "picture.png"
    path.write_bytes(png)
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def test_a_small_picture_keeps_its_pixels(tmp_path):
    given = np.arange(0, 2000, 10, dtype=np.int16).reshape(10, 20)
    shown = decoded(png_of(given, (1.0, 1.0), (0, 2000)), tmp_path)
    np.testing.assert_array_equal(shown, (given * (255 / 2000)).astype(np.uint8))


def test_a_picture_has_square_pixels_and_at_most_256_of_them_on_a_side(tmp_path):
    given = np.zeros((448, 300), np.int16)
    given[:, 150:] = 1000
    shown = decoded(png_of(given, (1.0, 2.0), (0, 1000)), tmp_path)
    assert shown.shape == (191, 256)  # 448 mm high and 600 mm wide
    assert shown[:, :120].max() < 5
    assert shown[:, 136:-1].min() > 250
