"""Undo and redo over strokes of the mouse and everything else that changes voxels."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.cases import Case
from tests.e2e.workspace import Desk, Workspaces

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION = 5
MIDDLE = (12, 48, 40)


def test_a_stroke_that_ends_beside_the_pane_is_one_step(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    desk = workspaces.open(cases["aligned"])
    desk.press("5", "b")
    desk.look(MIDDLE)
    x, y = desk.point(MIDDLE)
    mouse = desk.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 30, y, steps=3)
    mouse.move(1430, 890, steps=3)
    mouse.up()
    desk.until("() => window.__ninefold.history().steps === 1")
    assert history(desk)["undo"] == "Brush: lesion"
    drawn = desk.on_screen()
    desk.press("Control+z")
    assert not desk.on_screen().any()
    desk.press("Control+y")
    np.testing.assert_array_equal(desk.on_screen(), drawn)


def test_a_tool_change_in_mid_stroke_leaves_one_step(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    desk = workspaces.open(cases["aligned"])
    desk.press("5", "b")
    desk.look(MIDDLE)
    x, y = desk.point(MIDDLE)
    desk.page.mouse.move(x, y)
    desk.page.mouse.down()
    desk.page.mouse.move(x + 20, y, steps=2)
    desk.press("e")
    desk.page.mouse.up()
    desk.until("() => window.__ninefold.history().steps > 0")
    assert history(desk)["steps"] == 1
    assert history(desk)["undo"] == "Brush: lesion"
    desk.press("Control+z")
    assert not desk.on_screen().any()


def history(desk: Desk) -> dict[str, object]:
    """Steps, memory and titles, as the page tells them."""
    return dict(desk.page.evaluate("() => window.__ninefold.history()"))
