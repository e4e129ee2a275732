"""Whatever breaks, no stroke is lost and nobody's work is overwritten: the server's voxels and revisions tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, Route, expect

from backend.config.setup.browser import system_browser
from tests.e2e.cases import Case
from tests.e2e.line import Line
from tests.e2e.workspace import PASSWORD, Desk, Workspaces, boxes
from tests.installation import CHROMIUM_FLAGS, Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION, NODE = 5, 6
MIDDLE = (12, 48, 40)
ELSEWHERE = (12, 30, 20)
KEPT_MS = 1_000  # after which a stroke lies in the browser


@pytest.fixture
def desk(workspaces: Workspaces, cases: dict[str, Case]) -> Iterator[Desk]:
    """The empty case, open; what a test has done to its page ends with it."""
    opened = workspaces.open(cases["aligned"])
    yield opened
    if not opened.page.is_closed():
        opened.page.unroute_all()
    opened.page.context.set_offline(False)


def test_a_browser_that_is_killed_after_a_stroke_offers_it_back(
    playwright: Playwright, workspaces, cases, installation: Stack, tmp_path: Path
) -> None:
    workspaces.open(cases["aligned"]).leave()
    with_profile = _browser(playwright, installation, tmp_path)
    desk = _sign_in(with_profile, cases["aligned"])
    with_profile.set_offline(True)
    _stroke(desk)
    drawn = desk.count_on_screen(LESION)
    desk.page.wait_for_timeout(KEPT_MS)
    _kill_browser_of(tmp_path)

    again = _browser(playwright, installation, tmp_path)
    desk = _sign_in(again, cases["aligned"])  # a killed browser may not have written down its cookies
    dialog = desk.page.get_by_role("dialog", name="Unsaved strokes were found")
    expect(dialog).to_contain_text("slice 13")
    dialog.get_by_role("button", name="Take them back").click()
    expect(dialog).to_have_count(0)
    assert np.count_nonzero(desk.saved() == LESION) == drawn > 0
    desk.open()
    expect(dialog).to_have_count(0)
    again.close()


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


def test_a_session_that_ends_in_mid_save_goes_on_after_the_password(desk: Desk, workspaces) -> None:
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


def test_a_save_on_another_computer_is_told_and_both_are_kept(desk: Desk) -> None:
    desk.page.route("**/mask", lambda route: route.abort() if route.request.method == "PATCH" else route.fallback())
    _stroke(desk)
    desk.put_on_server(boxes(desk.case.shape_zyx, l6=(slice(12, 14), slice(48, 60), slice(40, 60))))
    desk.page.unroute_all()
    desk.press("Control+s")
    dialog = desk.page.get_by_role("dialog", name="This case was saved elsewhere")
    expect(dialog).to_contain_text("just now")
    expect(dialog.get_by_test_id("overlaps")).to_contain_text("slice 13")
    assert np.count_nonzero(desk.on_server() == LESION) == 0
    dialog.get_by_role("radio", name="theirs stands").check()
    dialog.get_by_role("button", name="Put mine on top").click()
    expect(dialog).to_have_count(0)
    merged = desk.saved()
    assert merged[MIDDLE] == NODE
    assert np.count_nonzero(merged == NODE) == 2 * 12 * 20
    assert np.count_nonzero(merged == LESION) > 0
    desk.press("Control+z")
    assert np.count_nonzero(desk.saved() == LESION) == 0


def test_a_save_on_another_computer_is_learnt_without_a_stroke(desk: Desk) -> None:
    desk.put_on_server(boxes(desk.case.shape_zyx, l6=(slice(2, 4), slice(8, 20), slice(8, 20))))
    desk.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    dialog = desk.page.get_by_role("dialog", name="This case was saved elsewhere")
    dialog.get_by_role("button", name="Throw mine away").click()
    expect(dialog).to_have_count(0)
    assert desk.count_on_screen(NODE) == 2 * 12 * 12
    _stroke(desk)
    assert np.count_nonzero(desk.saved() == NODE) == 2 * 12 * 12


def test_strokes_put_off_are_offered_again(desk: Desk) -> None:
    desk.page.route("**/mask", lambda route: route.abort() if route.request.method == "PATCH" else route.fallback())
    _stroke(desk)
    desk.put_on_server(boxes(desk.case.shape_zyx, l6=(slice(2, 4), slice(8, 20), slice(8, 20))))
    desk.page.unroute_all()
    desk.press("Control+s")
    desk.page.get_by_role("button", name="Keep mine for later").click()
    _expect_state(desk, "saved")
    assert desk.count_on_screen(LESION) == 0
    _stroke(desk, ELSEWHERE)
    desk.save()
    desk.open()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Put mine on top").click()
    expect(dialog).to_have_count(0)
    merged = desk.saved()
    assert merged[MIDDLE] == merged[ELSEWHERE] == LESION
    assert merged[2, 10, 10] == NODE


def test_a_case_that_somebody_else_has_taken_is_told_and_the_strokes_are_kept(desk: Desk, workspaces) -> None:
    desk.page.route("**/mask", lambda route: route.abort() if route.request.method == "PATCH" else route.fallback())
    _stroke(desk)
    desk.page.wait_for_timeout(KEPT_MS)
    _post(desk.page.context, f"/api/tasks/{desk.case.task}/release")
    _post(workspaces.context("radiologist"), f"/api/tasks/{desk.case.task}/claim")
    desk.page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(desk.page.get_by_text("is drawing in this case; you are looking")).to_be_visible()
    expect(desk.page.get_by_text("are not on the server")).to_contain_text("slice 13")
    assert np.count_nonzero(desk.on_server()) == 0
    _post(workspaces.context("radiologist"), f"/api/tasks/{desk.case.task}/release")
    desk.page.unroute_all()
    desk.claim()
    desk.open()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Take them back").click()
    expect(dialog).to_have_count(0)
    assert desk.saved()[MIDDLE] == LESION


def test_a_tab_that_is_closed_right_after_a_stroke_still_saves_it(desk: Desk) -> None:
    _stroke(desk)
    desk.page.close()
    for _ in range(50):
        if Desk(_any_page(desk), desk.case).on_server()[MIDDLE] == LESION:
            break
        _any_page(desk).wait_for_timeout(100)
    assert Desk(_any_page(desk), desk.case).on_server()[MIDDLE] == LESION


def test_a_link_is_followed_once_the_last_stroke_is_saved(desk: Desk) -> None:
    _stroke(desk)
    desk.page.get_by_role("link", name="Back to the worklist").click()
    desk.page.wait_for_url("**/worklist")
    assert desk.on_server()[MIDDLE] == LESION


def test_a_link_is_not_followed_without_asking_where_the_stroke_cannot_be_saved(desk: Desk) -> None:
    desk.page.context.set_offline(True)
    _stroke(desk)
    desk.page.get_by_role("link", name="Back to the worklist").click()
    dialog = desk.page.get_by_role("dialog", name="The last strokes are not saved")
    dialog.get_by_role("button", name="Stay").click()
    assert desk.count_on_screen(LESION) > 0
    desk.page.context.set_offline(False)
    assert desk.saved()[MIDDLE] == LESION


def test_a_browser_that_keeps_nothing_says_so_and_saves_on_the_server(workspaces, cases) -> None:
    workspaces.open(cases["aligned"]).leave()
    page = workspaces.context("annotator").new_page()
    page.add_init_script("indexedDB.open = () => { throw new DOMException('', 'InvalidStateError'); }")
    desk = Desk(page, cases["aligned"])
    desk.open()
    expect(page.get_by_text("Strokes are kept on the server only.")).to_be_visible()
    _stroke(desk)
    assert desk.saved()[MIDDLE] == LESION
    page.close()


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


def _post(context: BrowserContext, path: str) -> None:
    token = next(str(cookie["value"]) for cookie in context.cookies() if cookie["name"] == "csrftoken")
    answer = context.request.post(path, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()


def _any_page(desk: Desk) -> Page:
    pages = desk.page.context.pages
    return pages[0] if pages else desk.page.context.new_page()


def _browser(playwright: Playwright, stack: Stack, profile: Path) -> BrowserContext:
    """A browser of its own that remembers, in a folder."""
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=system_browser(),
        args=CHROMIUM_FLAGS,
        base_url=stack.url,
        viewport={"width": 1440, "height": 900},
    )
    context.set_default_timeout(60_000)
    return context


def _sign_in(context: BrowserContext, case: Case) -> Desk:
    page = context.pages[0]
    page.goto("/")
    name = page.get_by_label("User name")
    expect(name.or_(page.get_by_role("link", name="Worklist"))).to_be_visible()
    if name.is_visible():
        name.fill("annotator")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign in").wait_for(state="detached")
    desk = Desk(page, case)
    desk.open()
    return desk


def _kill_browser_of(profile: Path) -> None:
    """SIGKILL to the browser that uses a folder; its other processes end with it."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if f"--user-data-dir={profile}" in process.cmdline():
                process.kill()


def test_an_older_revision_is_looked_at_compared_and_restored(desk: Desk) -> None:
    _stroke(desk)
    desk.save()
    first = desk.on_server()
    _stroke(desk, ELSEWHERE)
    desk.save()
    drawn = desk.on_screen()
    number = _revisions(desk) - 1
    desk.page.get_by_role("button", name="History").click()
    desk.page.locator(".history-row").nth(1).click()
    shown = desk.page.get_by_role("region", name=f"Revision {number}")
    expect(shown).to_be_visible()
    assert (desk.on_screen() == first).all()
    assert desk.on_server()[ELSEWHERE] == LESION, "looking saves nothing"
    shown.get_by_role("button", name="Since then").click()
    expect(shown).to_contain_text(f"+{np.count_nonzero(drawn != first)} −0")
    shown.get_by_role("button", name="Back to drawing").click()
    assert (desk.on_screen() == drawn).all()
    desk.page.locator(".history-row").nth(1).click()
    shown.get_by_role("button", name="Restore").click()
    assert (desk.saved() == first).all()
    desk.press("Control+z")
    assert (desk.saved() == drawn).all()
