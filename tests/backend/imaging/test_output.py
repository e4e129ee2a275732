"""What the reading process leaves in its folder, and how the platform takes it over."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from backend.imaging.dicom.pixels import Pixels
from backend.imaging.reading.output import Output, Place
from backend.imaging.stored import StoredBlocks, load_slices
from ml.geometry import Geometry
from tests.backend.adopting import adopted

SHAPE = (18, 300, 260)


def grid(shape_zyx) -> Geometry:
    return Geometry.from_axes(
        shape_zyx=shape_zyx, origin_lps=(0, 0, 0), z_axis_lps=(0, 0, 2), y_axis_lps=(0, 1, 0), x_axis_lps=(1, 0, 0)
    )


GRID = grid(SHAPE)


def grey(output: Output, digest: str) -> np.ndarray:
    return np.array(Image.open(output.folder / digest))


@pytest.fixture
def output(tmp_path) -> Output:
    folder = tmp_path / "output"
    folder.mkdir()
    return Output(folder)


def pixels(seed: int) -> Pixels:
    return Pixels(np.random.default_rng(seed).integers(0, 900, SHAPE, dtype=np.int16), 2.0, -1.0)


def place(label: str) -> Place:
    return Place(series=3, label=label, time_s=9.0, reason="by hand", instances=(("2.25.1", 1),))


def test_everything_that_is_named_lies_in_the_folder_under_its_sha256(output):
    phases = tuple(output.phase(pixels(n), place(str(n))) for n in range(3))
    volume = output.volume(name="DCE", is_dce=True, geometry=GRID, phases=phases)
    named = {digest for phase in phases for digest in phase.chunks} | {volume.thumbnail, volume.projection}
    left = [path for path in output.folder.iterdir() if not path.name.startswith("thinned-")]
    assert {path.name for path in left} == named
    for path in left:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert (phases[1].label, phases[1].series, phases[1].time_s, phases[1].slope) == ("1", 3, 9.0, 2.0)
    assert phases[1].instances == (("2.25.1", 1),)


def test_phases_may_come_from_several_threads_at_once(output):
    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(lambda n: output.phase(pixels(n), place("")).chunks, range(4)))
    assert at_once == [output.phase(pixels(n), place("")).chunks for n in range(4)]


def test_the_platform_reads_back_what_was_left(output, own_folders):
    phase = output.phase(pixels(1), place("pre"))
    adopted(output.folder, phase.chunks, max_bytes=2_000_000)
    stored = StoredBlocks(phase.codec, phase.slices_per_chunk, list(phase.chunks), phase.window_low, phase.window_high)
    np.testing.assert_array_equal(load_slices(stored, SHAPE, 0, SHAPE[0]), pixels(1).stored)
    assert [path.name[:7] for path in output.folder.iterdir()] == ["thinned"]


def test_one_phase_is_projected_as_it_is_although_the_volume_is_dynamic(output):
    phase = output.phase(pixels(1), place("only"))
    dynamic = output.volume(name="DCE", is_dce=True, geometry=GRID, phases=(phase,))
    still = output.volume(name="T1", is_dce=False, geometry=GRID, phases=(phase,))
    assert (dynamic.projection, dynamic.thumbnail) == (still.projection, still.thumbnail)


@pytest.mark.parametrize("slices", [1, 16, 17, 30])
@pytest.mark.parametrize("shape_yx", [(40, 50), (301, 260)])
def test_the_picture_is_that_of_the_middle_slice(output, slices, shape_yx):
    ramp = np.broadcast_to(np.arange(slices, dtype=np.int16)[:, None, None] * 7, (slices, *shape_yx))
    phase = replace(output.phase(Pixels(ramp, 1, 0), place("")), window_low=0, window_high=255)
    volume = output.volume(name="", is_dce=False, geometry=grid(ramp.shape), phases=(phase,))
    assert set(grey(output, volume.thumbnail).ravel()) == {slices // 2 * 7}


@pytest.mark.parametrize("shape_yx", [(40, 50), (300, 260), (301, 257)])
def test_the_projection_lies_where_the_pixels_do(output, shape_yx):
    pixels = np.zeros((5, *shape_yx), np.int16)
    pixels[3, shape_yx[0] // 2 :, : shape_yx[1] // 2] = 900
    phase = output.phase(Pixels(pixels, 1, 0), place(""))
    volume = output.volume(name="", is_dce=False, geometry=grid(pixels.shape), phases=(phase,))
    shown = grey(output, volume.projection)
    rows, columns = shown.shape
    assert rows / columns == pytest.approx(shape_yx[0] / shape_yx[1], rel=0.02)
    bright = shown > 127
    assert bright.mean() == pytest.approx(0.25, abs=0.02)
    assert bright[rows // 2 + 2 :, : columns // 2 - 2].all()


def test_phases_that_begin_alike_are_not_taken_for_each_other(output):
    before = np.zeros((20, 256, 256), np.int16)
    after = before.copy()
    after[19, 100:110, 50:60] = 500
    phases = tuple(output.phase(Pixels(pixels, 1, 0), place("")) for pixels in (before, after))
    assert phases[0].chunks[0] == phases[1].chunks[0]
    volume = output.volume(name="", is_dce=True, geometry=grid(before.shape), phases=phases)
    assert grey(output, volume.projection).max() == 255
