"""Checks before a submission and the table of keys, with a real mouse and keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.cases import PROJECT, Case
from tests.e2e.workspace import Desk, Workspaces, boxes

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION = 5
RULES = f"/api/projects/{PROJECT}/checks"
SPECKS = {"rule": "specks", "labels": [LESION], "figures": {"min_mm3": 1000}, "others": {}}


@pytest.fixture
def desk(workspaces: Workspaces, cases: dict[str, Case]) -> Desk:
    case = cases["aligned"]
    z, y, x = case.shape_zyx
    large = (slice(2, z - 2), slice(4, y // 2), slice(4, x // 2))
    return workspaces.open(case, boxes(case.shape_zyx, l5=large))


def set_rules(workspaces: Workspaces, severity: str) -> None:
    """One rule alone: small pieces of a lesion."""
    put(workspaces, [{**SPECKS, "severity": severity}])


def put(workspaces: Workspaces, rules: object) -> None:
    context = workspaces.context("manager")
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    answer = context.request.put(RULES, data={"rules": rules}, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()


def post(page: Page, task: int, action: str, body: dict[str, object]) -> int:
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.request.post(
        f"/api/tasks/{task}/{action}", data=body, headers={"X-CSRFToken": token, "Referer": page.url}
    )
    return answer.status


def dot(desk: Desk) -> tuple[int, int, int]:
    """Where a speck is drawn: far from the large lesion."""
    z, y, x = desk.case.shape_zyx
    return z // 2, y * 3 // 4, x * 3 // 4


def draw_speck(desk: Desk) -> None:
    """A small click of the brush."""
    desk.press("5", "b", *["["] * 20)
    desk.look(dot(desk))
    desk.click(dot(desk))
    desk.save()


def test_a_key_is_given_to_another_command_and_used(desk: Desk) -> None:
    page = desk.page
    desk.press("?")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("searchbox").fill("eraser")
    expect(dialog.locator("dt").first).to_have_text("Eraser")
    expect(dialog.get_by_test_id("key-brush")).to_have_count(0)
    dialog.get_by_test_id("key-eraser").click()
    desk.press("b")
    expect(dialog.get_by_role("status")).to_contain_text("“Brush” now")
    desk.press("F2")
    expect(dialog.get_by_test_id("key-eraser")).to_have_text("F2")
    desk.press("Escape")
    expect(dialog).to_have_count(0)
    desk.press("b", "F2")
    expect(page.get_by_label("Eraser", exact=True)).to_have_attribute("aria-pressed", "true")
    desk.press("b", "e")
    expect(page.get_by_label("Eraser", exact=True)).to_have_attribute("aria-pressed", "false")
    page.reload()
    desk.wait_ready()
    desk.press("F2")
    expect(page.get_by_label("Eraser", exact=True)).to_have_attribute("aria-pressed", "true")
    desk.press("?")
    page.get_by_role("button", name="Reset all").click()
    expect(page.get_by_test_id("key-eraser")).to_have_text("E")
    desk.press("Escape")


def test_no_key_draws_while_somebody_types(desk: Desk) -> None:
    desk.press("b", "?")
    search = desk.page.get_by_role("searchbox")
    search.press_sequentially("e5z")
    expect(search).to_have_value("e5z")
    desk.press("Escape")
    expect(desk.page.get_by_label("Brush", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_speck_is_found_visited_ticked_and_handed_in(workspaces: Workspaces, desk: Desk) -> None:
    set_rules(workspaces, "warning")
    page = desk.page
    draw_speck(desk)
    assert post(page, desk.case.task, "submit", {"revision": revision(page)}) == 409
    desk.look((1, 1, 1))
    desk.press("Shift+Enter")
    panel = page.get_by_test_id("findings")
    expect(panel).to_contain_text("One speck of lesion")
    desk.press("Shift+f")
    desk.until("z => window.__ninefold.slice() === z", dot(desk)[0])
    desk.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    submit = dialog.get_by_role("button", name="Submit and leave")
    expect(dialog.get_by_test_id("checks")).to_have_attribute("data-state", "done")
    expect(submit).to_be_disabled()
    dialog.get_by_role("button", name=f"Slice {dot(desk)[0] + 1}").click()
    expect(dialog).to_have_count(0)
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Submit").click()
    dialog.get_by_role("checkbox").check()
    submit.click()
    page.wait_for_url("**/worklist")
    seen_in_review(workspaces, desk.case.task)


def seen_in_review(workspaces: Workspaces, task: int) -> None:
    """The radiologist sees the tick, goes to its place, and gives the case back."""
    page = workspaces.page("radiologist")
    page.goto(f"/review/{task}")
    expect(page.get_by_text("Submitted with 1 ticked warning")).to_be_visible()
    page.get_by_test_id("finding-specks:5").get_by_role("button").click()
    number = page.request.get(f"/api/tasks/{task}").json()["head"]
    assert post(page, task, "return", {"revision": number, "reason": "Once more.", "remarks": []}) == 200
    page.goto("about:blank")


def test_an_error_is_in_the_way_until_it_is_mended(workspaces: Workspaces, desk: Desk) -> None:
    set_rules(workspaces, "error")
    page = desk.page
    draw_speck(desk)
    desk.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("To be mended first")).to_be_visible()
    expect(dialog.get_by_role("checkbox")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Submit and leave")).to_be_disabled()
    desk.press("Escape", "Control+z", "Control+Enter")
    expect(dialog.get_by_text("Every check passes.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Submit and leave")).to_be_enabled()
    desk.press("Escape")
    np.testing.assert_equal(np.count_nonzero(desk.on_server()[:, desk.case.shape_zyx[1] // 2 :]), 0)
    put(workspaces, None)


def revision(page: Page) -> int:
    return int(page.get_by_test_id("revision").get_attribute("data-revision") or 0)
