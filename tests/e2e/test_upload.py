"""A folder on its way through the browser: the line breaks, the page is closed, and the study still comes in once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, Page, expect

from ml.phantom import Size, make_phantom, write_dicom
from tests.e2e.line import Line

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

SLOW_BYTES_PER_S = 300_000
PROJECT = "arrivals"


@pytest.fixture(scope="module")
def project(installation) -> str:
    """A project without a patient, with the people of the demo."""
    command = f"from backend.config.demo.people import ensure_team; ensure_team({PROJECT!r}, 'Arrivals')"
    installation.manage("shell", "--verbosity", "0", "--command", command)
    return PROJECT


@pytest.fixture
def line(installation) -> Iterator[Line]:
    address = urlsplit(installation.url)
    between = Line((str(address.hostname), int(address.port or 0)))
    yield between
    between.close()


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    """About two megabytes of DICOM, with what a file manager leaves beside them."""
    folder = tmp_path_factory.mktemp("chosen") / "Doe Jane"
    write_dicom(make_phantom(seed=1, size=Size.SMALL, phases=3), folder)
    (folder / ".DS_Store").write_bytes(b"left behind")
    return folder


def test_an_upload_outlives_a_broken_line_and_a_closed_page(people, project, line, installation, study: Path) -> None:
    page = people.sign_in("manager", url=line.url)
    page.goto(f"/projects/{project}/imports")

    devtools = page.context.new_cdp_session(page)
    _set_pace(devtools, SLOW_BYTES_PER_S)
    _drop(page, devtools, study)
    _wait_for_percent(page, 20)
    line.cut()
    expect(page.get_by_text("The connection broke.")).to_be_visible()
    line.mend()
    expect(page.get_by_text("The connection broke.")).to_have_count(0)
    expect(page.get_by_text("1 hidden file left out.")).to_be_visible()
    at_break = _received(page)
    assert 0 < at_break < _size(study)

    page.get_by_role("link", name="Worklist").click()
    _wait_for_percent(page, 60)
    page.get_by_role("link", name="Uploading").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()

    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    _set_pace(devtools, -1)
    expect(page.get_by_text("Broken off: upload")).to_be_visible()
    at_close = _received(page)
    assert at_break < at_close < _size(study)

    page.get_by_label("Folder to import").set_input_files(study)
    card = page.locator(".imports > section").first
    expect(card.get_by_text("Done", exact=True)).to_be_visible()
    expect(card.get_by_text("DCE volume 32×96×96, 3 phases")).to_be_visible()
    expect(page.get_by_text("Broken off")).to_have_count(0)
    assert [run["upload"]["received"] for run in _imports(page)] == [_size(study)]
    assert list((installation.var / "uploads").iterdir()) == []
    assert [said for said in people.complaints if "401" not in said and "ERR_" not in said] == []


def _set_pace(devtools: CDPSession, bytes_per_s: int) -> None:
    """How fast the browser sends; -1: as fast as it can."""
    free = {"offline": False, "latency": 0, "downloadThroughput": -1}
    devtools.send("Network.emulateNetworkConditions", free | {"uploadThroughput": bytes_per_s})


def _drop(page: Page, devtools: CDPSession, folder: Path) -> None:
    """Drag a folder of this machine from outside of the browser onto the page."""
    box = page.get_by_role("region", name="Import").bounding_box()
    assert box is not None
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20}
    dragged = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": dragged})


def _wait_for_percent(page: Page, least: int) -> None:
    """Until the page has sent so much of it."""
    mark = page.get_by_test_id("upload-percent")
    while int(mark.inner_text().removesuffix(" %")) < least:
        page.wait_for_timeout(50)


def _received(page: Page) -> int:
    """Bytes that the server holds of the upload."""
    (run,) = [run for run in _imports(page) if run["upload"]]
    return int(run["upload"]["received"])


def _imports(page: Page) -> list[dict[str, Any]]:
    runs: list[dict[str, Any]] = page.request.get(f"/api/projects/{PROJECT}/imports").json()["results"]
    return runs


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.dcm"))
