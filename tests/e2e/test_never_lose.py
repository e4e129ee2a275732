"""Whatever breaks, no stroke is lost and nobody's work is overwritten: the server's voxels and revisions tell."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from tests.e2e.cases import Case
from tests.e2e.line import Line
from tests.e2e.workspace import PASSWORD, Desk, Workspaces, boxes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION, NODE = 5, 6
MIDDLE = (12, 48, 40)
ELSEWHERE = (12, 30, 20)


@pytest.fixture
def desk(workspaces: Workspaces, cases: dict[str, Case]) -> Iterator[Desk]:
    """The empty case, open; what a test has done to its page ends with it."""
    opened = workspaces.open(cases["aligned"])
    yield opened
    opened.page.unroute_all()
    opened.page.context.set_offline(False)


def test_strokes_drawn_while_the_line_is_cut_are_saved_when_it_is_mended(workspaces, cases, installation) -> None:
    address = urlsplit(installation.url)
    line = Line((str(address.hostname), int(address.port or 80)))
    workspaces.open(cases["aligned"]).leave()
    context = workspaces.another("annotator", base_url=line.url)
    desk = Desk(context.new_page(), cases["aligned"])
    desk.open()
    before = _revisions(desk)
    line.cut()
    _stroke(desk)
    _expect_state(desk, "offline")
    _stroke(desk, ELSEWHERE)
    line.mend()
    desk.page.get_by_role("button", name="Try now").click()
    _expect_state(desk, "saved")
    on_server = desk.on_server()
    assert on_server[MIDDLE] == on_server[ELSEWHERE] == LESION
    assert _revisions(desk) - before <= 2
    context.close()
    line.close()


def test_a_session_that_ends_in_mid_save_goes_on_after_the_password(desk: Desk) -> None:
    _stroke(desk)
    desk.save()
    desk.page.context.clear_cookies()
    _stroke(desk, ELSEWHERE)
    dialog = desk.page.get_by_role("dialog", name="Your session has ended")
    expect(dialog.get_by_label("User name")).to_have_value("annotator")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)
    _expect_state(desk, "saved")
    assert desk.on_server()[ELSEWHERE] == LESION
    desk.press("Control+z")
    assert desk.saved()[ELSEWHERE] == 0, "the page was not opened anew: the stroke can be undone"


def test_of_two_tabs_one_draws_and_the_other_may_take_over(desk: Desk) -> None:
    second = Desk(desk.page.context.new_page(), desk.case)
    second.open()
    banner = "This case is open in another tab."
    expect(second.page.get_by_text(banner)).to_be_visible()
    _stroke(desk)
    second.page.bring_to_front()
    second.page.get_by_role("button", name="Take over here").click()
    expect(desk.page.get_by_text(banner)).to_be_visible()
    expect(second.page.get_by_text(banner)).to_have_count(0)
    second.wait_ready()
    _expect_state(second, "saved")
    assert second.on_server()[MIDDLE] == LESION
    _stroke(second, ELSEWHERE)
    assert second.saved()[ELSEWHERE] == LESION
    second.page.close()
    desk.page.bring_to_front()
    expect(desk.page.get_by_text(banner)).to_have_count(0)
    _expect_state(desk, "saved")
    assert desk.on_screen()[ELSEWHERE] == LESION


def test_an_answer_that_is_lost_after_the_save_makes_no_second_revision(desk: Desk) -> None:
    before, lost = _revisions(desk), []

    def swallow(route: Route) -> None:
        if route.request.method != "PATCH" or len(lost) == 2:
            route.fallback()
        else:
            lost.append(route.fetch().status)
            route.abort("connectionreset")

    desk.page.route("**/mask", swallow)
    _stroke(desk)
    _expect_state(desk, "offline")
    _expect_state(desk, "saved")
    assert lost == [200, 200]
    assert _revisions(desk) == before + 1
    assert desk.on_server()[MIDDLE] == LESION


def test_lost_pictures_come_back_with_every_stroke(workspaces: Workspaces, cases: dict[str, Case]) -> None:
    workspaces.open(cases["aligned"]).leave()
    page = workspaces.context("annotator").new_page()
    page.add_init_script(KEEP_CONTEXTS)
    desk = Desk(page, cases["aligned"])
    desk.open()
    page.context.set_offline(True)
    page.unroute_all()
    desk.press("6", "b")
    desk.look((9, 48, 40))
    desk.drag([(9, 48, 40), (9, 48, 40)])
    drawn = desk.count_on_screen(NODE)
    page.wait_for_timeout(200)
    page.context.set_offline(False)
    page.evaluate("() => window.loseContexts()")
    expect(page.get_by_text("The graphics card took the pictures away.")).to_have_count(0)
    desk.wait_ready()
    _expect_state(desk, "saved")
    assert page.evaluate("() => window.__ninefold.slice()") == 9
    assert desk.count_on_screen(NODE) == drawn > 0
    desk.drag([(9, 30, 40), (9, 30, 40)])
    assert desk.saved()[9, 30, 40] == desk.on_server()[9, 48, 40] == NODE
    page.close()


def test_a_save_on_another_computer_is_learnt_without_a_stroke(desk: Desk) -> None:
    desk.put_on_server(boxes(desk.case.shape_zyx, l6=(slice(2, 4), slice(8, 20), slice(8, 20))))
    desk.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    dialog = desk.page.get_by_role("dialog", name="This case was saved elsewhere")
    dialog.get_by_role("button", name="Throw mine away").click()
    expect(dialog).to_have_count(0)
    assert desk.count_on_screen(NODE) == 2 * 12 * 12
    _stroke(desk)
    assert np.count_nonzero(desk.saved() == NODE) == 2 * 12 * 12


KEEP_CONTEXTS = """
const contexts = [];
const open = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
  const context = open.call(this, kind, ...options);
  if (context && kind.startsWith('webgl')) contexts.push(context);
  return context;
};
window.loseContexts = () => contexts.splice(0).forEach((context) => {
  context.getExtension('WEBGL_lose_context')?.loseContext();
});
"""


def _stroke(desk: Desk, at: tuple[int, int, int] = MIDDLE) -> None:
    desk.press("5", "b")
    desk.look(at)
    desk.drag([at, at])
    assert desk.on_screen()[at] == LESION


def _expect_state(desk: Desk, state: str) -> None:
    expect(desk.page.get_by_test_id("save-state")).to_have_attribute("data-state", state)


def _revisions(desk: Desk) -> int:
    page = desk.page.request.get(f"/api/tasks/{desk.case.task}/revisions?newest=true&page_size=1").json()
    return int(page["results"][0]["number"]) if page["results"] else 0
