"""Arrays on a grid: every way that axes can run, against positions in mm; and what does not coincide is refused."""

import itertools

import numpy as np
import pytest

from backend.imaging.segments import MaskRefused
from backend.imaging.segments.places import fit
from ml.geometry import Geometry

SHAPE = (5, 5, 6)
TILT = np.array([[0.9, -0.31622776601683794, -0.3], [0.3, 0.9486832980505138, -0.1], [np.sqrt(0.1), 0, 0.94868329805]])


STRAIGHT = np.eye(3)


def grid(turn=STRAIGHT, spacing=(3.0, 0.8, 0.7)):
    x, y, z = turn.T
    return Geometry.from_axes(
        shape_zyx=SHAPE,
        origin_lps=(-20.0, 35.0, 7.5),
        z_axis_lps=z * spacing[0],
        y_axis_lps=y * spacing[1],
        x_axis_lps=x * spacing[2],
    )


def array_on(base, axes, signs, start, shape):
    """An array that runs along the grid's axes as said: its origin and steps, from the grid's own positions."""
    steps = np.array([sign * base.matrix[:3, axis] for axis, sign in zip(axes, signs, strict=True)])
    return {"shape": shape, "origin_lps": base.position_lps(tuple(map(float, start))), "steps_lps": steps}


@pytest.mark.parametrize("turn", [STRAIGHT, TILT], ids=["axial", "oblique"])
@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=3)))
def test_each_voxel_lands_where_it_lies_in_the_patient(turn, axes, signs):
    """All 48 ways to store a volume, half of them left-handed."""
    base = grid(turn)
    shape = tuple(SHAPE[axis] for axis in axes)
    start = [0, 0, 0]
    for axis, sign in zip(axes, signs, strict=True):
        start[axis] = 0 if sign > 0 else SHAPE[axis] - 1
    lies = array_on(base, axes, signs, start, shape)
    placed = np.zeros(SHAPE)
    array = np.arange(1, np.prod(shape) + 1).reshape(shape)
    fit(base, **lies).part(placed, shape)[...] = array
    for index in np.ndindex(shape):
        at = lies["origin_lps"] + np.array(index) @ lies["steps_lps"]
        z, y, x = np.rint(np.linalg.inv(base.matrix)[:3] @ [*at, 1]).astype(int)
        assert placed[z, y, x] == array[index]


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3), 2)))
@pytest.mark.parametrize("signs", list(itertools.product((1, -1), repeat=2)))
def test_a_frame_lands_on_its_slice_however_it_is_turned(axes, signs):
    base = grid(TILT)
    shape = (2, 3)
    start = [2, 2, 3]
    lies = array_on(base, axes, signs, start, shape)
    placed = np.zeros(SHAPE)
    array = np.arange(1, 7).reshape(shape)
    fit(base, **lies).part(placed, shape)[...] = array
    assert (placed > 0).sum() == 6
    for index in np.ndindex(shape):
        at = lies["origin_lps"] + np.array(index) @ lies["steps_lps"]
        z, y, x = np.rint(np.linalg.inv(base.matrix)[:3] @ [*at, 1]).astype(int)
        assert placed[z, y, x] == array[index]


def off(base, along, mm):
    lies = array_on(base, (0, 1, 2), (1, 1, 1), (0, 0, 0), SHAPE)
    return lies | {"origin_lps": lies["origin_lps"] + base.direction_zyx[:, along] * mm}


@pytest.mark.parametrize("along", [0, 1, 2])
def test_a_twentieth_of_a_voxel_is_noise_and_more_is_another_grid(along):
    base = grid(TILT)
    limit = max(0.05, 0.05 * base.spacing_zyx_mm[along])
    assert fit(base, **off(base, along, 0.99 * limit)).start_zyx == (0, 0, 0)
    with pytest.raises(MaskRefused, match="beside the volume's"):
        fit(base, **off(base, along, 1.01 * limit))


def test_the_numbers_of_another_grid_are_said():
    base, other = grid(), grid(spacing=(3.0, 0.8, 0.9))
    with pytest.raises(MaskRefused) as refused:
        fit(base, **array_on(other, (0, 1, 2), (1, 1, 1), (0, 0, 0), SHAPE))
    assert str(refused.value) == (
        "lies on a grid of 5×5×6 voxels of 3×0.8×0.9 mm; the volume has 5×5×6 of 3×0.8×0.7 mm, "
        "and its voxels lie up to 1 mm beside the volume's"
    )


def test_a_turned_grid_is_refused_with_its_angle():
    angle = np.radians(12)
    turned = grid(np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]))
    with pytest.raises(MaskRefused, match=r"turned by 12\.0°|beside the volume's"):
        fit(grid(), **array_on(turned, (0, 1, 2), (1, 1, 1), (0, 0, 0), SHAPE))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ((1, 0, 0), "from 1 to 5 of the volume's slices, which are 0 to 4"),
        ((0, -2, 0), "from -2 to 2 of the volume's rows, which are 0 to 4"),
        ((0, 0, 3), "from 3 to 8 of the volume's columns, which are 0 to 5"),
    ],
)
def test_a_mask_that_reaches_outside_is_refused_with_where(start, words):
    base = grid()
    with pytest.raises(MaskRefused, match=words):
        fit(base, **array_on(base, (0, 1, 2), (1, 1, 1), start, SHAPE))
