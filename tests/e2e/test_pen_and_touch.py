"""A pen draws, fingers move the picture or draw where that is switched on, and a palm beside the pen does nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.e2e.workspace import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

LESION = 5
MIDDLE, BESIDE = (12, 48, 40), (12, 48, 46)
Point = tuple[float, float]


@pytest.fixture
def desk(workspaces, cases) -> Desk:
    desk = workspaces.open(cases["aligned"])
    desk.look(MIDDLE)
    desk.press("5", "b")
    return desk


def test_fingers_move_and_enlarge_the_picture_and_draw_only_where_that_is_on(desk: Desk) -> None:
    start, end = desk.point(MIDDLE), desk.point(BESIDE)
    _touch(desk, [[start], [end]])
    assert desk.count_on_screen(LESION) == 0
    moved = desk.point(MIDDLE)
    assert moved[0] - start[0] == pytest.approx(end[0] - start[0], abs=3)
    assert moved[1] == pytest.approx(start[1], abs=3)

    before = _pixels_between(desk, MIDDLE, BESIDE)
    x, y = desk.point(MIDDLE)
    _touch(desk, [[(x - 30, y), (x + 30, y)], [(x - 60, y), (x + 60, y)]])
    assert _pixels_between(desk, MIDDLE, BESIDE) == pytest.approx(2 * before, rel=0.15)
    assert desk.count_on_screen(LESION) == 0

    switch = desk.page.get_by_label("Draw with a finger")
    if not switch.is_visible():
        desk.page.get_by_role("button", name="Painting rules").click()
    switch.check()
    desk.look(MIDDLE)
    _touch(desk, [[desk.point(MIDDLE)], [desk.point(BESIDE)]])
    labels = desk.saved()
    assert labels[MIDDLE] == LESION
    assert labels[BESIDE] == LESION
    assert not np.delete(labels, MIDDLE[0], axis=0).any()
    drawn = desk.count_on_screen(LESION)
    x, y = desk.point((12, 70, 40))
    _touch(desk, [[(x, y)], [(x, y), (x + 40, y)], [(x, y), (x + 50, y)]])  # a second finger: it was no stroke
    assert desk.count_on_screen(LESION) == drawn


def test_a_pen_draws_and_its_palm_does_not(desk: Desk) -> None:
    start, end, palm = (desk.point(place) for place in (MIDDLE, BESIDE, (12, 70, 40)))
    _pen(desk, "mouseMoved", start)
    _pen(desk, "mousePressed", start)
    _touch(desk, [[palm], [(palm[0] + 50, palm[1])]])
    _pen(desk, "mouseMoved", end)
    _pen(desk, "mouseReleased", end)
    assert desk.point(MIDDLE) == pytest.approx(start, abs=1)
    labels = desk.saved()
    assert labels[MIDDLE] == LESION
    assert labels[BESIDE] == LESION
    assert labels[12, 70, 40] == 0
    assert not np.delete(labels, MIDDLE[0], axis=0).any()


def _pen(desk: Desk, kind: str, place: Point) -> None:
    cdp = desk.page.context.new_cdp_session(desk.page)
    down = 0 if kind == "mouseReleased" else 1
    pressed = {"button": "left", "buttons": down, "clickCount": 1} if kind != "mouseMoved" else {"buttons": down}
    cdp.send("Input.dispatchMouseEvent", {"type": kind, "x": place[0], "y": place[1], "pointerType": "pen"} | pressed)
    cdp.detach()


def _touch(desk: Desk, frames: Sequence[Sequence[Point]]) -> None:
    """Fingers at these places one after the other, then lifted. More fingers than before come down."""
    cdp = desk.page.context.new_cdp_session(desk.page)
    down = 0
    for fingers in frames:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
        kind = "touchStart" if len(fingers) > down else "touchMove"
        down = len(fingers)
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    cdp.detach()
    desk.page.wait_for_timeout(150)


def _pixels_between(desk: Desk, one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    (x1, y1), (x2, y2) = desk.point(one), desk.point(other)
    return float(np.hypot(x2 - x1, y2 - y1))
