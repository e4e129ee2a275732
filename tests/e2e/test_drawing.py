"""Every drawing tool with a real mouse, in every plane, on uneven and oblique voxels: the server's voxels tell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.labelmaps import LabelArray
from tests.e2e.cases import Case
from tests.e2e.workspace import PLANES, Desk, Voxel, Workspaces, boxes, positions_in_nifti

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

GLAND, LESION = 1, 5
MIDDLE = (12, 48, 40)
ANYWHERE = [(volume, plane) for volume in ("aligned", "oblique") for plane in PLANES]
PIXEL_MM = 0.6  # what the browser may round a place by, in mm of the picture
AXIS = {"axial": 0, "coronal": 1, "sagittal": 2}


@pytest.mark.parametrize(("volume", "plane"), ANYWHERE)
def test_a_disc_is_round_in_mm(workspaces: Workspaces, cases: dict[str, Case], tmp_path, volume, plane) -> None:
    case = cases[volume]
    desk = _desk(workspaces, case, plane)
    size_mm = _size_mm(desk)
    desk.drag([MIDDLE, MIDDLE], plane)
    labels = desk.saved()
    away = _away_mm(case, MIDDLE)
    in_slice = _slice_of(case, plane)
    assert (labels[(away <= size_mm / 2 - PIXEL_MM) & in_slice] == LESION).all()
    assert not labels[(away > size_mm / 2 + PIXEL_MM) | ~in_slice].any()
    found = positions_in_nifti(workspaces.context("manager"), case, LESION, tmp_path)
    np.testing.assert_allclose(found, case.lps(np.argwhere(labels == LESION)), atol=1e-3)


@pytest.mark.parametrize(("volume", "plane"), [("aligned", "sagittal"), ("oblique", "axial")])
def test_a_ball_leaves_a_rod_with_round_ends_which_one_step_takes_back(workspaces, cases, volume, plane) -> None:
    case = cases[volume]
    desk = _desk(workspaces, case, plane)
    desk.press("n")
    size_mm = _size_mm(desk)
    end = _beside(plane, across=0, along=8)
    desk.drag([MIDDLE, end], plane, steps=4)
    labels = desk.saved()
    away = np.min([_away_mm(case, _between(MIDDLE, end, t)) for t in np.linspace(0, 1, 60)], axis=0)
    assert (labels[away <= size_mm / 2 - PIXEL_MM] == LESION).all()
    assert not labels[away > size_mm / 2 + PIXEL_MM].any()
    desk.press("Control+z")
    assert not desk.saved().any()
    desk.press("n")


@pytest.mark.parametrize("plane", PLANES)
def test_the_eraser_spares_locked_labels(workspaces, cases, plane) -> None:
    case = cases["oblique"]
    before = boxes(case.shape_zyx, l1=np.s_[8:16, 40:48, 30:50], l5=np.s_[8:16, 48:56, 30:50])
    desk = _desk(workspaces, case, plane, before)
    desk.press("1", "l", "e")
    desk.drag([MIDDLE, MIDDLE], plane)
    labels = desk.saved()
    assert labels[MIDDLE] == 0
    np.testing.assert_array_equal(labels == GLAND, before == GLAND)
    desk.press("5", "b")
    desk.page.keyboard.down("Shift")
    desk.drag([(12, 53, 44), (12, 53, 44)] if plane == "axial" else [MIDDLE, MIDDLE], plane)
    desk.page.keyboard.up("Shift")
    assert np.count_nonzero(desk.saved() == LESION) <= np.count_nonzero(labels == LESION)


@pytest.mark.parametrize("plane", PLANES)
def test_the_threshold_brush_paints_the_range_that_was_picked(workspaces, cases, plane) -> None:
    case = cases["aligned"]
    ball = case.small.ball_zyx
    desk = _desk(workspaces, case, plane, at=ball)
    desk.press("d")
    desk.click(ball, plane, held="Alt")
    desk.drag([ball, _beside(plane, across=6, along=6, start=ball)], plane)
    labels = desk.saved()
    assert labels[ball] == LESION
    assert not labels[~case.small.in_ball()].any()


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("shape", ["Rectangle", "Circle", "Freehand"])
def test_the_scissors_fill_an_outline(workspaces, cases, plane, shape) -> None:
    case = cases["oblique"]
    desk = _desk(workspaces, case, plane)
    desk.press("x")
    _choose(desk, shape, "Fill inside", "This slice")
    corners = _square(plane, 8)
    outline = corners + corners[:1]
    start, end = corners[0], corners[2]
    desk.drag(outline if shape == "Freehand" else [start, end], plane, steps=6)
    labels = desk.saved()
    inside = _outline_margin(case, plane, shape, corners)
    in_slice = _slice_of(case, plane)
    assert (labels[(inside > PIXEL_MM) & in_slice] == LESION).all()
    assert not labels[(inside < -PIXEL_MM) | ~in_slice].any()


def test_the_scissors_cut_through_all_slices(workspaces, cases) -> None:
    case = cases["aligned"]
    before = boxes(case.shape_zyx, l5=np.s_[2:22, 30:66, 26:56])
    desk = _desk(workspaces, case, "axial", before)
    desk.press("x")
    _choose(desk, "Rectangle", "Erase outside", "All slices")
    corners = _square("axial", 8)
    desk.drag([corners[0], corners[2]], "axial", steps=4)
    labels = desk.saved()
    inside = _outline_margin(case, "axial", "Rectangle", corners)
    assert (labels[(inside > PIXEL_MM) & (before > 0)] == LESION).all()
    assert not labels[inside < -PIXEL_MM].any()
    _choose(desk, "Freehand", "Fill inside", "This slice")


@pytest.mark.parametrize("plane", PLANES)
def test_a_spline_through_clicked_points_becomes_voxels(workspaces, cases, plane) -> None:
    case = cases["oblique"]
    desk = _desk(workspaces, case, plane)
    desk.press("c")
    _choose(desk, "Spline")
    corners = _square(plane, 10)
    for corner in corners:
        desk.click(corner, plane)
    desk.press("Enter")
    labels = desk.saved()
    in_slice = _slice_of(case, plane)
    # A Catmull-Rom spline through a square's corners bulges out of it by an eighth of its side.
    margin = _outline_margin(case, plane, "Rectangle", corners)
    widest_mm = 20 * max(case.spacing_zyx_mm) / 8
    assert (labels[(margin > PIXEL_MM) & in_slice] == LESION).all()
    assert not labels[(margin < -widest_mm - PIXEL_MM) | ~in_slice].any()
    assert np.count_nonzero(labels) > np.count_nonzero((margin > PIXEL_MM) & in_slice)


def test_a_live_wire_follows_the_edge_of_the_ball(workspaces, cases) -> None:
    case = cases["aligned"]
    ball = case.small.ball_zyx
    desk = _desk(workspaces, case, "axial", at=ball)
    desk.press("c")
    _choose(desk, "Live wire")
    _, dy, dx = (case.small.ball_mm / mm for mm in case.spacing_zyx_mm)
    for turn in np.arange(6) * np.pi / 3:
        desk.click((ball[0], ball[1] + dy * np.sin(turn), ball[2] + dx * np.cos(turn)), "axial")
    desk.press("Enter")
    drawn, meant = desk.saved()[ball[0]] > 0, case.small.in_ball()[ball[0]]
    assert 2 * np.count_nonzero(drawn & meant) / (np.count_nonzero(drawn) + np.count_nonzero(meant)) > 0.9
    _choose(desk, "Freehand")


def test_a_dropped_contour_changes_nothing(workspaces, cases) -> None:
    desk = _desk(workspaces, cases["aligned"], "axial")
    desk.press("c")
    _choose(desk, "Spline")
    for corner in _square("axial", 8):
        desk.click(corner, "axial")
    desk.press("Escape", "Enter")
    _choose(desk, "Freehand")
    assert not desk.saved().any()


def test_only_what_the_rules_allow_is_painted(workspaces, cases) -> None:
    case = cases["aligned"]
    before = boxes(case.shape_zyx, l1=np.s_[8:16, 44:52, 30:50])
    desk = _desk(workspaces, case, "axial", before)
    _open_rules(desk)
    _select(desk, "Paint over", "Only unlabelled")
    desk.drag([MIDDLE, (12, 58, 40)], "axial")
    labels = desk.saved()
    np.testing.assert_array_equal(labels == GLAND, before == GLAND)
    assert labels[12, 58, 40] == LESION
    _select(desk, "Paint over", "Everything")
    _select(desk, "Only inside", "Fibroglandular tissue")
    desk.drag([MIDDLE, MIDDLE], "axial")
    painted = desk.saved() != labels
    assert painted[MIDDLE]
    assert not painted[before == 0].any()


def _desk(workspaces: Workspaces, case: Case, plane: str, before: LabelArray | None = None, at: Voxel = MIDDLE) -> Desk:
    desk = workspaces.open(case, before)
    desk.press("5", "b")
    desk.look(at, plane)
    return desk


def _size_mm(desk: Desk) -> float:
    return float(desk.page.get_by_test_id("brush-mm").inner_text().removesuffix(" mm"))


def _choose(desk: Desk, *options: str) -> None:
    for option in options:
        desk.page.get_by_role("radio", name=option, exact=True).click()


def _open_rules(desk: Desk) -> None:
    button = desk.page.get_by_role("button", name="Painting rules")
    if button.get_attribute("aria-expanded") == "false":
        button.click()


def _select(desk: Desk, field: str, option: str) -> None:
    desk.page.get_by_role("combobox", name=field).click()
    desk.page.get_by_role("option", name=option).click()


def _in_plane(plane: str) -> tuple[int, int]:
    """Array axes along which rows follow each other, and along a row."""
    first, second = (axis for axis in range(3) if axis != AXIS[plane])
    return first, second


def _beside(plane: str, *, across: float, along: float, start: Voxel = MIDDLE) -> Voxel:
    rows, row = _in_plane(plane)
    place = list(start)
    place[rows] += across / (3 if rows == 0 else 1)  # slices are thick
    place[row] += along
    return place[0], place[1], place[2]


def _square(plane: str, reach: float) -> list[Voxel]:
    """Corners of a square about the middle, in voxels; a third of it across thick slices."""
    signs = ((-1, -1), (-1, 1), (1, 1), (1, -1))
    # A third of a voxel away from every middle, so that rounding to pixels decides nothing.
    return [_beside(plane, across=a * (reach + 0.3), along=b * (reach + 0.3)) for a, b in signs]


def _between(start: Voxel, end: Voxel, t: float) -> Voxel:
    z, y, x = (a + t * (b - a) for a, b in zip(start, end, strict=True))
    return z, y, x


def _offsets_mm(case: Case, zyx: Voxel) -> NDArray[np.float64]:
    """mm (3, Z, Y, X) along each axis from a place."""
    index = np.indices(case.shape_zyx, dtype=float)
    return (index - np.reshape(zyx, (3, 1, 1, 1))) * np.reshape(case.spacing_zyx_mm, (3, 1, 1, 1))


def _away_mm(case: Case, zyx: Voxel) -> NDArray[np.float64]:
    """mm (Z, Y, X) from every voxel's middle to a place."""
    return np.asarray(np.sqrt((_offsets_mm(case, zyx) ** 2).sum(axis=0)))


def _slice_of(case: Case, plane: str) -> NDArray[np.bool_]:
    return np.indices(case.shape_zyx)[AXIS[plane]] == MIDDLE[AXIS[plane]]


def _outline_margin(case: Case, plane: str, shape: str, corners: list[Voxel]) -> NDArray[np.float64]:
    """mm (Z, Y, X) by which a voxel lies within the outline, negative outside of it."""
    rows, row = _in_plane(plane)
    if shape == "Circle":  # from its middle to a point of it
        radius = np.linalg.norm((np.array(corners[2]) - corners[0]) * case.spacing_zyx_mm)
        away = _offsets_mm(case, corners[0])
        return np.asarray(radius - np.hypot(away[rows], away[row]))
    low, high = _offsets_mm(case, corners[0]), _offsets_mm(case, corners[2])
    return np.min([low[rows], low[row], -high[rows], -high[row]], axis=0)
