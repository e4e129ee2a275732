"""Operations by mouse and keyboard, in every plane, on uneven and oblique voxels, with scipy as the referee."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import ndimage

from ml.labelmaps import LabelArray
from tests.e2e.cases import Case
from tests.e2e.workspace import PLANES, Desk, Workspaces

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

GLAND, LESION, NODE = 1, 5, 6
MIDDLE = (12, 48, 40)
VOLUMES = ("aligned", "oblique")


def drawn() -> LabelArray:
    """A lesion in two pieces with a hole, and gland beside it."""
    labels = np.zeros((24, 96, 80), np.uint8)
    labels[9:16, 38:59, 30:51] = LESION
    labels[12, 47:50, 39:42] = 0
    labels[12, 70:72, 60:62] = LESION
    labels[9:16, 59:70, 30:51] = GLAND
    return labels


@pytest.mark.parametrize("volume", VOLUMES)
def test_operations_on_all_slices_give_what_scipy_gives(workspaces: Workspaces, cases: dict[str, Case], volume) -> None:
    before = drawn()
    desk = workspaces.open(cases[volume], before)
    spacing = cases[volume].spacing_zyx_mm
    mask = before == LESION
    _open_panel(desk)
    desk.press("5")
    desk.look(MIDDLE)

    _choose(desk, "Margin", "All slices")
    desk.page.get_by_label("By (mm)").fill("2.5")
    grown = ndimage.distance_transform_edt(~mask, sampling=spacing) <= 2.5
    assert_accepted(desk, "Grow", before, np.where(grown, LESION, before))
    shrunk = ndimage.distance_transform_edt(mask, sampling=spacing) > 2.5
    assert_accepted(desk, "Shrink", before, np.where(mask & ~shrunk, 0, before))

    _choose(desk, "Holes", "All slices", "All directions")
    assert_accepted(desk, "Preview", before, np.where(ndimage.binary_fill_holes(mask), LESION, before))

    _choose(desk, "Islands", "Largest", "All slices")
    parts, _ = ndimage.label(mask, np.ones((3, 3, 3)))
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    assert_accepted(desk, "Preview", before, np.where(mask & ~largest, 0, before))

    _choose(desk, "Smooth", "Median", "All slices")
    size = [2 * int(np.floor(2 / mm + 0.5)) + 1 for mm in spacing]
    smooth = ndimage.median_filter(mask.astype(np.uint8), size=size, mode="constant") == 1
    wanted = np.where(smooth & ~mask, LESION, np.where(mask & ~smooth, 0, before))
    assert_accepted(desk, "Preview", before, wanted)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("volume", VOLUMES)
def test_one_slice_of_any_plane_is_filled_smoothed_and_copied(workspaces, cases, volume, plane) -> None:
    before = drawn()
    desk = workspaces.open(cases[volume], before)
    desk.press("5")
    desk.look(MIDDLE, plane)
    axis = _axis(desk, plane)
    here = tuple(slice(MIDDLE[axis], MIDDLE[axis] + 1) if n == axis else slice(None) for n in range(3))

    desk.press("f")
    desk.click(MIDDLE, plane)
    filled = before.copy()
    filled[here][ndimage.binary_fill_holes(before[here].squeeze() == LESION).reshape(before[here].shape)] = LESION
    _until_steps(desk, 1)
    np.testing.assert_array_equal(desk.saved(), filled)
    desk.press("Escape")

    desk.press("u")
    _until_steps(desk, 2)
    following = tuple(slice(s.start + 1, s.stop + 1) if n == axis else s for n, s in enumerate(here))
    copied = filled.copy()
    copied[following][filled[here] == LESION] = LESION
    np.testing.assert_array_equal(desk.saved(), copied)


def test_a_lesion_is_grown_from_a_click_and_stops_at_its_edge(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    case = cases["oblique"]
    desk = workspaces.open(case)
    desk.press("5")
    desk.look(case.small.ball_zyx)
    desk.press("k")
    desk.click(case.small.ball_zyx)
    desk.page.get_by_test_id("operation-preview").wait_for()
    assert desk.count_on_screen(LESION) == 0
    desk.press("Enter")
    _until_steps(desk, 1)
    np.testing.assert_array_equal(desk.saved() == LESION, case.small.in_ball())


def test_a_locked_label_is_left_and_escape_leaves_everything(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    before = drawn()
    desk = workspaces.open(cases["aligned"], before)
    _open_panel(desk)
    desk.press("1", "l", "5")
    desk.look(MIDDLE)
    _choose(desk, "Margin", "All slices")
    desk.page.get_by_role("button", name="Grow").click()
    desk.page.get_by_test_id("operation-preview").wait_for()
    desk.press("Escape")
    np.testing.assert_array_equal(desk.on_screen(), before)
    desk.page.get_by_role("button", name="Grow").click()
    desk.page.get_by_test_id("operation-preview").wait_for()
    desk.press("Enter")
    _until_steps(desk, 1)
    after = desk.saved()
    np.testing.assert_array_equal(after == GLAND, before == GLAND)
    assert np.count_nonzero(after == LESION) > np.count_nonzero(before == LESION)


def test_a_hundred_mixed_steps_go_back_to_the_start_and_on_to_the_end(workspaces, cases) -> None:
    before = drawn()
    desk = workspaces.open(cases["aligned"], before)
    desk.look(MIDDLE)
    rng = random.Random(3)
    steps = 0
    while steps < 100:
        desk.press(str(rng.choice((1, 2, 5, 6))))
        y, x = rng.randrange(25, 70), rng.randrange(15, 60)
        if rng.random() < 0.3 and desk.count_on_screen(LESION):
            desk.press("5", rng.choice(("u", "Shift+u")))
        else:
            desk.press(rng.choice("be"))
            z = int(desk.page.evaluate("() => window.__ninefold.slice()"))
            desk.drag([(z, y, x), (z, y + 6, x + 6)], steps=1)
        desk.page.wait_for_timeout(60)
        steps = _steps(desk)
    end = desk.on_screen()
    memory = desk.page.evaluate("() => window.__ninefold.history().bytes")
    assert memory < 300_000
    while _steps(desk):
        desk.press("Control+z")
    np.testing.assert_array_equal(desk.on_screen(), before)
    for _ in range(steps):
        desk.press("Control+y")
    np.testing.assert_array_equal(desk.on_screen(), end)
    np.testing.assert_array_equal(desk.saved(), end)


def assert_accepted(desk: Desk, button: str, before: LabelArray, wanted: LabelArray) -> None:
    """An operation, accepted, gives these labels on the server; undo gives the old ones."""
    steps = _steps(desk)
    desk.page.locator(".effect-options").get_by_role("button", name=button).click()
    desk.page.get_by_test_id("operation-preview").wait_for()
    np.testing.assert_array_equal(desk.on_screen(), before)
    desk.press("Enter")
    _until_steps(desk, steps + 1)
    np.testing.assert_array_equal(desk.saved(), wanted)
    desk.press("Control+z")
    np.testing.assert_array_equal(desk.on_screen(), before)


def _open_panel(desk: Desk) -> None:
    title = desk.page.get_by_role("button", name="Operations")
    if title.get_attribute("aria-expanded") == "false":
        title.click()


def _choose(desk: Desk, *options: str) -> None:
    for name in options:
        desk.page.get_by_role("radio", name=name, exact=True).click()


def _axis(desk: Desk, plane: str) -> int:
    """The array axis that a plane scrolls, by where its panes stand."""
    found = desk.page.evaluate("plane => window.__ninefold.slice(plane)", plane)
    return MIDDLE.index(int(found))


def _steps(desk: Desk) -> int:
    return int(desk.page.evaluate("() => window.__ninefold.history().steps"))


def _until_steps(desk: Desk, steps: int) -> None:
    desk.until("steps => window.__ninefold.history().steps === steps", steps)
