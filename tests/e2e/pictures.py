"""`make pictures`: the pictures of the documentation, taken from the running product. It asserts nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from backend.config.env import ROOT

PICTURES = ROOT / "docs" / "pictures"

pytestmark = pytest.mark.timeout(1500)


def test_take_the_pictures_of_the_documentation(stack, people) -> None:
    PICTURES.mkdir(exist_ok=True)
    stack.manage("seed_demo", "--round")
    manager = people.sign_in("manager")
    manager.goto("/projects/demo/rounds")
    manager.get_by_text("Epoch 5").first.wait_for(timeout=600_000)
    _take(manager, "rounds")
    manager.locator(".steps:not(.steps-small) .step-running").wait_for(state="detached", timeout=600_000)
    manager.goto("/projects/demo/benchmark")
    _take(manager, "benchmark")
    manager.goto("/projects/demo/studies")
    _take(manager, "studies")

    annotator = people.sign_in("annotator")
    annotator.goto("/projects/demo/worklist")
    _take(annotator, "worklist")
    annotator.get_by_role("button", name="Next case").click()
    _wait_for_the_case(annotator)
    _take(annotator, "annotate")
    task = annotator.url.rsplit("/", 1)[1]
    annotator.keyboard.press("Control+Enter")
    annotator.get_by_role("button", name="Submit and leave").click()
    annotator.wait_for_url("**/worklist")

    radiologist = people.sign_in("radiologist")
    radiologist.goto(f"/review/{task}")
    _wait_for_the_case(radiologist)
    _take(radiologist, "review")


def _wait_for_the_case(page: Page) -> None:
    page.get_by_test_id("pane-axial").wait_for()
    while not page.evaluate("() => window.__ninefold?.ready === true"):
        page.wait_for_timeout(200)


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(2500)  # thumbnails and fonts
    page.screenshot(path=PICTURES / f"{name}.png")
