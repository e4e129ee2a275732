"""Pictures are turned as radiologists look at them, however the stack was taken."""

import numpy as np
import pytest
import SimpleITK as sitk

from backend.imaging.pictures import grey, overlay, png, view_along
from ml.geometry import Geometry

AXES = {"L": (1, 0, 0), "R": (-1, 0, 0), "P": (0, 1, 0), "A": (0, -1, 0), "S": (0, 0, 1), "I": (0, 0, -1)}
SHAPE = (4, 5, 6)
TOP_LEFT = {"axial": {"A", "R"}, "coronal": {"S", "R"}, "sagittal": {"S", "A"}}


def geometry(z, y, x):
    """Grid whose array axes grow towards these letters."""
    axes = [np.array(AXES[letter], dtype=float) * step for letter, step in zip((z, y, x), (3.0, 1.0, 1.0), strict=True)]
    return Geometry.from_axes(
        shape_zyx=SHAPE, origin_lps=(0, 0, 0), z_axis_lps=axes[0], y_axis_lps=axes[1], x_axis_lps=axes[2]
    )


STACKS = ["SPL", "IPL", "SAL", "SPR", "RIP", "LIP", "RSA", "ASL", "PIL", "PIR"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_head_or_front_is_up_and_right_or_front_is_left(stack, axis):
    grid = geometry(*stack)
    view = view_along(grid, axis)
    # A picture of how far each voxel lies towards the letters that belong to the upper left corner.
    position = grid.position_lps(np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"), axis=-1))
    towards = sum(position @ np.array(AXES[letter]) for letter in TOP_LEFT[view.plane])
    shown = view.turned(np.take(towards, 0, axis=axis))
    assert shown[0, 0] == shown.max()
    assert shown[-1, -1] == shown.min()
    assert (np.diff(shown, axis=0) < 0).all()
    assert (np.diff(shown, axis=1) < 0).all()


@pytest.mark.parametrize(("stack", "plane"), [("SPL", "axial"), ("RIP", "sagittal"), ("ASL", "coronal")])
def test_the_plane_of_the_slices_has_its_name(stack, plane):
    assert view_along(geometry(*stack), 0).plane == plane


def test_the_three_views_are_three_planes_on_an_oblique_stack():
    turn = np.array([[0.7, -0.714, 0], [0.714, 0.7, 0], [0, 0, 1]])
    grid = Geometry.from_axes(
        shape_zyx=SHAPE, origin_lps=(0, 0, 0), z_axis_lps=turn[2], y_axis_lps=turn[:, 1], x_axis_lps=turn[:, 0]
    )
    assert {view_along(grid, axis).plane for axis in range(3)} == {"axial", "coronal", "sagittal"}


def test_the_window_is_black_to_white():
    assert grey(np.array([[-5.0, 0.0, 50.0, 100.0, 900.0]]), (0.0, 100.0)).tolist() == [[0, 0, 128, 255, 255]]


def test_agreement_is_grey_and_difference_has_a_colour():
    one, other = np.array([[9, 200, 0]], np.uint8), np.array([[9, 0, 200]], np.uint8)
    assert overlay(one, other).tolist() == [[[9, 9, 9], [200, 0, 200], [0, 200, 0]]]


def test_a_png_has_square_pixels_and_no_side_over_512(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(png(np.zeros((40, 700), np.uint8), (5.0, 1.0)))
    assert sitk.ReadImage(str(path)).GetSize() == (512, round(200 * 512 / 700))
