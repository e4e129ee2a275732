"""Pictures for lists: square pixels, the right slice, and what is brightest along the way."""

from __future__ import annotations

import io

import numpy as np
import SimpleITK as sitk
from PIL import Image

from backend.imaging.thumbnails import Scaled, png_of, projection

SHAPE = (30, 40, 50)


def grey(png: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(png)))


def test_a_small_picture_keeps_its_pixels(tmp_path):
    given = np.arange(0, 2000, 10, dtype=np.int16).reshape(10, 20)
    path = tmp_path / "picture.png"
    path.write_bytes(png_of(given, (1.0, 1.0), (0, 2000)))
    shown = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))  # a reader of its own
    np.testing.assert_array_equal(shown, (given * (255 / 2000)).astype(np.uint8))


def test_a_picture_has_square_pixels_and_at_most_256_of_them_on_a_side():
    given = np.zeros((448, 300), np.int16)
    given[:, 150:] = 1000
    shown = grey(png_of(given, (1.0, 2.0), (0, 1000)))
    assert shown.shape == (191, 256)  # 448 mm high and 600 mm wide
    assert shown[:, :120].max() < 5
    assert shown[:, 136:-1].min() > 250


def test_a_projection_shows_the_brightest_of_each_line_through_all_slices():
    pixels = np.zeros(SHAPE, np.int16)
    for n in range(SHAPE[0]):  # one bright pixel a slice, each at a place of its own
        pixels[n, n, n + 10] = 1000
    shown = grey(projection(Scaled(pixels, 1, 0), None, (1.0, 1.0)))
    assert {tuple(place) for place in np.argwhere(shown > 0)} == {(n, n + 10) for n in range(SHAPE[0])}


def test_a_projection_of_what_is_new_leaves_out_what_was_there_before():
    before = np.zeros(SHAPE, np.int16)
    before[:, 5:9] = 3000
    after = before.copy()
    after[20, 30, 40] += 500
    shown = grey(projection(Scaled(after, 1, 0), Scaled(before, 1, 0), (1.0, 1.0)))
    assert [tuple(place) for place in np.argwhere(shown > 0)] == [(30, 40)]


def test_phases_of_different_scales_are_compared_in_scanner_values():
    before = np.full(SHAPE, 100, np.int16)
    after = np.full(SHAPE, 400, np.int16)
    after[3, 2, 1] += 40
    shown = grey(projection(Scaled(after, 0.5, -100.0), Scaled(before, 1, 0), (1.0, 1.0)))
    assert [tuple(place) for place in np.argwhere(shown > 0)] == [(2, 1)]


def test_the_extremes_of_int16_do_not_turn_around():
    before, after = np.full(SHAPE, 32767, np.int16), np.full(SHAPE, -32768, np.int16)
    before[0, 1, 2], after[0, 1, 2] = -32768, 32767
    shown = grey(projection(Scaled(after, 1, 0), Scaled(before, 1, 0), (1.0, 1.0)))
    assert [tuple(place) for place in np.argwhere(shown > 0)] == [(1, 2)]


def test_a_projection_has_square_pixels_also_when_it_is_flat():
    shown = grey(projection(Scaled(np.full((4, 30, 60), 9, np.int16), 1, 0), None, (2.0, 1.0)))
    assert shown.shape == (30, 30)
