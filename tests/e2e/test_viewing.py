"""Looking at a case with real mouse and keyboard: layouts, sources, links, windows, the cine and the crosshair."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cases import Case
from tests.e2e.workspace import PLANES, Desk, Workspaces

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

VOLUMES = ("aligned", "oblique")
SPOT = (9, 60, 22)
PLACES = "() => window.__ninefold.panes().map(({ greyAt, ...pane }) => pane)"


@pytest.mark.parametrize("volume", VOLUMES)
def test_a_click_with_the_crosshair_takes_every_plane_there(workspaces: Workspaces, cases, volume) -> None:
    desk = _opened(workspaces, cases[volume], "three")
    for plane in PLANES:
        desk.look((12, 40, 30))
        axis = _axis(desk, plane)
        wanted = tuple((12, 40, 30)[n] if n == axis else SPOT[n] for n in range(3))
        desk.press("Shift+c")
        desk.click(wanted, plane)
        desk.until("zyx => window.__ninefold.panes().every(pane => pane.placed)")
        shown = {pane["plane"]: pane["slice"] for pane in _panes(desk)}
        assert {shown[other] for other in PLANES} == set(wanted)
        assert desk.count_on_screen(5) == 0


@pytest.mark.parametrize("volume", VOLUMES)
def test_panes_of_a_plane_scroll_and_zoom_together_until_they_are_parted(workspaces, cases, volume) -> None:
    desk = _opened(workspaces, cases[volume], "pair")
    before = _pane(desk, "a")
    desk.page.get_by_test_id("pane-axial" if before["plane"] == "axial" else f"pane-{before['plane']}").hover()
    desk.page.mouse.wheel(0, 120)
    desk.until("z => window.__ninefold.panes().every(pane => pane.slice === z && pane.placed)", before["slice"] + 1)

    desk.press("+")
    desk.until(
        "scale => window.__ninefold.panes().every(pane => pane.pixelsPerMm > scale)", before["pixelsPerMm"] * 1.1
    )
    scales = [pane["pixelsPerMm"] for pane in _panes(desk)]
    assert scales[0] == pytest.approx(scales[1])

    desk.page.get_by_text("Panes of a plane scroll together").click()
    desk.page.get_by_test_id(f"pane-{before['plane']}-2").hover()
    desk.page.mouse.wheel(0, 120)
    desk.until("z => window.__ninefold.panes()[1].slice === z", before["slice"] + 2)
    assert _pane(desk, "a")["slice"] == before["slice"] + 1
    desk.page.get_by_text("Panes of a plane scroll together").click()
    desk.until("() => window.__ninefold.panes()[1].slice === window.__ninefold.panes()[0].slice")


def test_each_pane_shows_the_source_that_is_chosen_for_it(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    case = cases["aligned"]
    desk = _opened(workspaces, case, "pair")
    desk.look(case.small.ball_zyx)
    _choose(desk, "b", "phase2")
    assert [pane["source"] for pane in _panes(desk)] == ["phase1", "phase2"]
    ball, side = list(case.small.ball_zyx), [case.small.ball_zyx[0], 80, 60]
    _type_window(desk, 1000, 500)  # in which the ball of phase 1, 600, is darker than that of phase 2, 800
    desk.until(
        "ball => { const [a, b] = window.__ninefold.panes().map(p => p.greyAt(...ball)); return a > 100 && b > a; }",
        ball,
    )
    desk.press(",")  # the phase before, in the pane that follows
    desk.until("() => window.__ninefold.panes()[0].source === 'phase0'")
    desk.until(
        "ball => { const [a, b] = window.__ninefold.panes().map(p => p.greyAt(...ball)); return b > a + 60; }", ball
    )
    assert desk.page.evaluate("side => window.__ninefold.panes()[0].greyAt(...side)", side) > 0


def test_a_difference_is_made_where_it_is_missing_and_has_a_window_of_its_own(workspaces, cases) -> None:
    desk = _opened(workspaces, cases["oblique"], "four")
    make = desk.page.get_by_role("button", name="Make it")
    if make.is_visible():
        make.click()
    desk.until("() => window.__ninefold.panes().length === 4")
    difference, phase = _pane(desk, "d"), _pane(desk, "a")
    assert difference["source"] == "phase1-phase0"
    assert difference["window"] != phase["window"]
    desk.until("ball => window.__ninefold.panes()[3].greyAt(...ball) > 200", list(desk.case.small.ball_zyx))


def test_presets_set_the_window_and_typed_numbers_do(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    desk = _opened(workspaces, cases["aligned"], "one")
    desk.press("Alt+5")
    full = _pane(desk, "a")["window"]
    assert (full["low"], full["high"]) == (100, 600)
    desk.press("a")
    auto = _pane(desk, "a")["window"]
    assert 100 <= auto["low"] < auto["high"] <= 600
    desk.press("Alt+3")
    wide = _pane(desk, "a")["window"]
    assert wide["high"] - wide["low"] == pytest.approx(2 * (auto["high"] - auto["low"]))
    _type_window(desk, 200, 300)
    typed = _pane(desk, "a")["window"]
    assert (typed["low"], typed["high"]) == pytest.approx((200, 400))
    desk.press(".")
    desk.until("() => window.__ninefold.phase() === 2")
    assert _pane(desk, "a")["window"] == typed


def test_the_cine_plays_every_phase_until_something_is_drawn(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    desk = _opened(workspaces, cases["aligned"], "one")
    desk.press("b", "y")
    seen: set[int] = set()
    while len(seen) < 3:
        seen.add(desk.page.evaluate("() => window.__ninefold.phase()"))
        desk.page.wait_for_timeout(40)
    desk.click((12, 48, 40))
    cine = desk.page.get_by_test_id("cine")
    assert cine.get_attribute("data-state") == "still"
    desk.save()


def test_a_click_in_a_projection_goes_to_what_shines_there(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    case = cases["aligned"]
    desk = _opened(workspaces, case, "pair")
    _, y, x = case.small.ball_zyx
    desk.look((2, 5, 5))
    _choose(desk, "b", "mip")
    point = desk.page.evaluate("zyx => window.__ninefold.clientPoint(...zyx, 'b')", [2, y, x])
    desk.page.mouse.click(point["x"], point["y"])
    desk.until("() => window.__ninefold.slice() !== 2")
    assert case.small.in_ball()[_pane(desk, "a")["slice"], y, x]
    assert desk.count_on_screen(1) == 0


def test_one_pane_takes_the_stage_and_gives_it_back(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    desk = _opened(workspaces, cases["aligned"], "three")
    other = next(plane for plane in PLANES if plane != desk.main_plane)
    pane = desk.page.get_by_test_id(f"pane-{other}")
    small = pane.bounding_box()
    pane.hover()
    desk.press("Shift+t")
    desk.until("id => document.querySelectorAll('.pane:not(.pane-hidden)').length === 1")
    large = pane.bounding_box()
    assert large["width"] > 1.5 * small["width"]
    desk.press("Shift+t")
    desk.until("() => document.querySelectorAll('.pane:not(.pane-hidden)').length === 3")


def _opened(workspaces: Workspaces, case: Case, layout: str) -> Desk:
    desk = workspaces.open(case)
    names = ["one", "three", "four", "pair", "compare"]
    desk.until("() => document.querySelector('.stage-grid') !== null")
    now = desk.page.locator(".stage-grid").get_attribute("class").split("stage-")[-1]
    for _ in range((names.index(layout) - names.index(now)) % len(names)):
        desk.press("t")
    expected = {"one": 1, "three": 3, "pair": 2}.get(layout)
    if expected:
        desk.until("count => window.__ninefold.panes().length === count", expected)
        desk.until("() => window.__ninefold.panes().every(pane => pane.placed)")
    return desk


def _type_window(desk: Desk, width: int, level: int) -> None:
    for name, value in (("Window width", width), ("Window level", level)):
        desk.page.get_by_label(name).fill(str(value))
        desk.page.get_by_label(name).press("Enter")


def _choose(desk: Desk, pane: str, source: str) -> None:
    desk.page.get_by_test_id(f"source-menu-{pane}").click()
    desk.page.locator(f"[data-pick='{source}']").click()
    desk.page.get_by_role("menu").wait_for(state="detached")
    desk.until("() => window.__ninefold.panes().every(pane => pane.placed)")
    desk.page.wait_for_timeout(100)


def _panes(desk: Desk) -> list[dict[str, Any]]:
    return desk.page.evaluate(PLACES)


def _pane(desk: Desk, name: str) -> dict[str, Any]:
    return next(pane for pane in _panes(desk) if pane["id"] == name)


def _axis(desk: Desk, plane: str) -> int:
    """Array axis that a plane scrolls along: that whose number of slices it counts."""
    text = desk.page.get_by_test_id(f"slice-{plane}").inner_text()
    return desk.case.shape_zyx.index(int(text.split("/")[1]))
