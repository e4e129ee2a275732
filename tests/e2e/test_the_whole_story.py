"""From a first stroke to a draft by the model that learnt from it, as three people live it."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from backend.config.env import ROOT
from ml.labelmaps import LabelArray, decode_slice, unpack_bundle

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(1500)]

LESION, NODE = 5, 6
REASON = "The lesion reaches further back."


def test_a_case_is_drawn_returned_mended_approved_learnt_from_and_exported(stack, people, tmp_path: Path) -> None:
    annotator, radiologist, manager = (people.sign_in(name) for name in ("annotator", "radiologist", "manager"))

    task = _take_the_next_case(annotator)
    _press(annotator, "5", "b")
    _draw(annotator, _middle(annotator))
    drawn = _labels_on_screen(annotator, LESION)
    assert drawn > 0
    assert _saved_labels(annotator, task)[_middle(annotator)] == LESION

    annotator.reload()
    _wait_until_ready(annotator)
    assert _labels_on_screen(annotator, LESION) == drawn
    _submit(annotator)

    _open_for_review(radiologist, task)
    assert _labels_on_screen(radiologist, LESION) == drawn
    _return(radiologist, REASON)

    _open_my_case(annotator, task)
    expect(annotator.get_by_text(REASON)).to_be_visible()
    _press(annotator, "6", "b")
    z, y, x = _middle(annotator)
    _draw(annotator, (z, y + 12, x))
    assert _labels_on_screen(annotator, NODE) > 0
    _submit(annotator)

    _open_for_review(radiologist, task)
    _approve(radiologist)

    _run_a_round(manager)

    second = _take_the_next_case(annotator)
    assert second != task
    expect(annotator.get_by_text("Model 1 drafted this case.")).to_be_visible()
    annotator.get_by_role("button", name="Take all").click()
    _until(annotator, "() => [1, 2, 3, 4, 5, 6, 7, 8, 9].some((label) => window.__ninefold.voxelCount(label) > 0)")
    _press(annotator, "Control+s")
    expect(annotator.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")
    draft = _saved_labels(annotator, second)
    assert np.count_nonzero(draft) > 0
    for label in np.unique(draft[draft > 0]):
        assert _labels_on_screen(annotator, int(label)) == np.count_nonzero(draft == label)

    _integrity_check_accepts(_download_dataset(manager, tmp_path), tmp_path)
    assert [line for line in people.complaints if "401" not in line] == []


def _take_the_next_case(page: Page) -> int:
    page.goto("/projects/demo/worklist")
    page.get_by_role("button", name="Next case").click()
    page.wait_for_url(re.compile(r"/tasks/\d+"))
    _wait_until_ready(page)
    return int(page.url.rsplit("/", 1)[1])


def _wait_until_ready(page: Page) -> None:
    _until(page, "() => window.__ninefold?.ready === true")
    expect(page.locator(".stage-loading")).to_have_count(0)


def _until(page: Page, predicate: str, argument: object = None) -> None:
    """Wait for a predicate. Playwright's own wait compiles text, which the page's security policy forbids."""
    end = time.monotonic() + 60
    while not page.evaluate(predicate, argument):
        assert time.monotonic() < end, f"waited in vain for {predicate}"
        page.wait_for_timeout(100)


def _press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def _middle(page: Page) -> tuple[int, int, int]:
    """The voxel in the middle of the slice that is shown."""
    z = page.evaluate("window.__ninefold.slice()")
    _, y, x = page.evaluate("window.__ninefold.shapeZyx")
    return int(z), y // 2, x // 2


def _draw(page: Page, zyx: tuple[int, int, int]) -> None:
    """One stroke of the mouse from a voxel, eight to the right, and wait until the server has it."""
    z, y, x = zyx
    start, end = (page.evaluate("([z, y, x]) => window.__ninefold.clientPoint(z, y, x)", [z, y, x + n]) for n in (0, 8))
    revision = _revision(page)
    page.mouse.move(start["x"], start["y"])
    page.mouse.down()
    page.mouse.move(end["x"], end["y"], steps=4)
    page.mouse.up()
    _until(
        page, "before => Number(document.querySelector('[data-testid=revision]')?.dataset.revision) > before", revision
    )
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")


def _revision(page: Page) -> int:
    return int(page.get_by_test_id("revision").get_attribute("data-revision") or 0)


def _labels_on_screen(page: Page, label: int) -> int:
    return int(page.evaluate("label => window.__ninefold.voxelCount(label)", label))


def _saved_labels(page: Page, task: int) -> LabelArray:
    """The mask as the server has it, (Z, Y, X)."""
    answer = page.request.get(f"/api/tasks/{task}/mask")
    assert answer.ok
    body = answer.body()
    coded = unpack_bundle(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    z, y, x = page.evaluate("window.__ninefold.shapeZyx")
    labels = np.zeros((z, y, x), dtype=np.uint8)
    for index, runs in coded.items():
        labels[index] = decode_slice(runs, (y, x))
    return labels


def _submit(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Submit")).first.click()
    expect(page.get_by_test_id("checks")).to_have_attribute("data-state", "done")
    for warning in page.get_by_test_id("checks").get_by_role("checkbox").all():
        warning.check()
    page.get_by_role("button", name="Submit and leave").click()
    page.wait_for_url(re.compile("/worklist"))


def _open_my_case(page: Page, task: int) -> None:
    page.goto(f"/tasks/{task}")
    _wait_until_ready(page)


def _open_for_review(page: Page, task: int) -> None:
    page.goto("/projects/demo/review")
    page.get_by_role("row").nth(1).click()
    page.wait_for_url(re.compile(rf"/review/{task}$"))
    _wait_until_ready(page)


def _return(page: Page, reason: str) -> None:
    page.get_by_role("button", name=re.compile("^Return")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill(reason)
    dialog.get_by_role("button", name=re.compile("^Return")).click()
    expect(dialog).to_have_count(0)


def _approve(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Approve")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("^Approve")).first.click()
    expect(dialog).to_have_count(0)


def _run_a_round(page: Page) -> None:
    """Start a round in the browser and watch it to its end."""
    page.goto("/projects/demo/rounds")
    page.get_by_role("button", name="Start a round").click()
    page.get_by_role("button", name="Freeze and start").click()
    expect(page.get_by_text("9 approved cases").first).to_be_visible()
    seen: set[str] = set()
    _until(page, "() => document.querySelectorAll('.steps:not(.steps-small) .step-running').length === 1")
    while page.locator(".steps:not(.steps-small) .step-running").count():
        seen.update(page.locator(".step-running .step-message").all_inner_texts())
        page.wait_for_timeout(500)
    expect(page.locator(".steps:not(.steps-small) .step-done")).to_have_count(5)
    assert any("Epoch" in message for message in seen), seen


def _download_dataset(page: Page, folder: Path) -> Path:
    page.goto("/projects/demo/datasets")
    page.get_by_role("button", name="Build nnU-Net zip").first.click()
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("link", name=re.compile("Download")).or_(
            page.get_by_role("button", name=re.compile("Download"))
        ).first.click(timeout=120_000)
    target = folder / "dataset.zip"
    download.value.save_as(target)
    return target


def _integrity_check_accepts(archive: Path, folder: Path) -> None:
    """nnU-Net's own check, in a process of its own because it reads its folders from the environment."""
    with zipfile.ZipFile(archive) as bundle:
        assert bundle.testzip() is None
        bundle.extractall(folder / "raw")
    (dataset,) = (folder / "raw").glob("**/dataset.json")
    program = (
        "from nnunetv2.experiment_planning.verify_dataset_integrity import verify_dataset_integrity as check;"
        f"check({str(dataset.parent)!r}, num_processes=1)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
