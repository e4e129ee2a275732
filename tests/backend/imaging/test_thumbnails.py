"""Pictures for lists: square pixels, the right slice, and what is brightest along the way."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from backend.imaging.chunks import code_phase
from backend.imaging.thumbnails import middle_slice, png_of, projection
from ml.geometry import Geometry

SHAPE = (30, 40, 50)
GRID = Geometry.from_axes(
    shape_zyx=SHAPE, origin_lps=(0, 0, 0), z_axis_lps=(0, 0, 2), y_axis_lps=(0, 1, 0), x_axis_lps=(1, 0, 0)
)


@dataclass
class Coded:
    codec: str
    slices_per_chunk: int
    chunks: tuple[str, ...]
    window_low: float
    window_high: float
    slope: float = 1.0
    intercept: float = 0.0


class Blocks(dict):
    """Blocks in memory under their numbers."""

    def keep(self, block: bytes) -> str:
        key = str(len(self)) + str(hash(block))
        self[key] = block
        return key

    def phase(self, pixels, **scale) -> Coded:
        coded = code_phase(np.asarray(pixels, np.int16), self.keep)
        return Coded(coded.codec, coded.slices_per_chunk, coded.chunks, 0, 255, **scale)


@pytest.fixture
def blocks() -> Blocks:
    return Blocks()


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


@pytest.mark.parametrize("slices", [1, 16, 17, 30])
def test_the_picture_is_that_of_the_middle_slice(blocks, slices):
    pixels = np.broadcast_to(np.arange(slices, dtype=np.int16)[:, None, None] * 7, (slices, 40, 50))
    grid = Geometry.from_axes(
        shape_zyx=pixels.shape, origin_lps=(0, 0, 0), z_axis_lps=(0, 0, 2), y_axis_lps=(0, 1, 0), x_axis_lps=(1, 0, 0)
    )
    shown = grey(middle_slice(blocks.phase(pixels), grid, blocks.__getitem__))
    assert set(shown.ravel()) == {slices // 2 * 7}


def test_a_projection_shows_the_brightest_of_each_line_across_all_blocks(blocks):
    pixels = np.zeros(SHAPE, np.int16)
    for n in range(SHAPE[0]):  # one bright pixel a slice, each at a place of its own
        pixels[n, n, n + 10] = 1000
    shown = grey(projection(blocks.phase(pixels), None, GRID, blocks.__getitem__))
    assert {tuple(place) for place in np.argwhere(shown > 0)} == {(n, n + 10) for n in range(SHAPE[0])}


def test_a_projection_of_what_is_new_leaves_out_what_was_there_before(blocks):
    before = np.zeros(SHAPE, np.int16)
    before[:, 5:9] = 3000
    after = before.copy()
    after[20, 30, 40] += 500
    shown = grey(projection(blocks.phase(after), blocks.phase(before), GRID, blocks.__getitem__))
    assert [tuple(place) for place in np.argwhere(shown > 0)] == [(30, 40)]


def test_phases_of_different_scales_are_compared_in_scanner_values(blocks):
    before = np.full(SHAPE, 100, np.int16)
    after = np.full(SHAPE, 400, np.int16)
    after[3, 2, 1] += 40
    shown = grey(
        projection(blocks.phase(after, slope=0.5, intercept=-100.0), blocks.phase(before), GRID, blocks.__getitem__)
    )
    assert [tuple(place) for place in np.argwhere(shown > 0)] == [(2, 1)]
