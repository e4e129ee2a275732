"""The model's draft in the editor: taken by label and by slice, undone, put aside; the server tells who drew what."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.cases import Case
from tests.e2e.workspace import Desk, Workspaces, boxes
from tests.installation import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION, LIVER = 5, 8
OFFER = """
import numpy as np
from backend.annotation.masks import store_mask
from backend.annotation.models import Task
from backend.annotation.services import offer_proposal
task = Task.objects.select_related("volume").get(pk={task})
labels = np.zeros(task.volume.shape_zyx, np.uint8)
labels[6:18, 20:40, 10:30] = {liver}
labels[12, 60:66, 50:56] = {lesion}
offer_proposal(task=task, mask=store_mask(volume=task.volume, labels=labels), model_version_id=1, source="model 3")
"""


def drafted(case: Case) -> np.ndarray:
    """The draft (Z, Y, X) that OFFER makes."""
    liver = boxes(case.shape_zyx, l8=(slice(6, 18), slice(20, 40), slice(10, 30)))
    liver[12, 60:66, 50:56] = LESION
    return liver


def told(desk: Desk) -> dict:
    return dict(desk.page.request.get(f"/api/tasks/{desk.case.task}").json()["proposal"])


def origins(desk: Desk) -> dict[int, tuple[int, int, int, int]]:
    rows = desk.page.request.get(f"/api/tasks/{desk.case.task}/origins").json()["labels"]
    return {row["value"]: (row["model"], row["human"], row["changed"], row["removed"]) for row in rows}


def test_a_draft_is_taken_part_by_part(stack_of_cases: Stack, workspaces: Workspaces, cases: dict[str, Case]) -> None:
    workspaces.complaints.clear()
    case, draft = cases["drafted"], drafted(cases["drafted"])
    stack_of_cases.manage("shell", "-v", "0", "-c", OFFER.format(task=case.task, liver=LIVER, lesion=LESION))
    desk = Desk(workspaces.page("annotator"), case)
    desk.leave()
    desk.claim()
    desk.open()
    expect(desk.page.get_by_text("Model 3 drafted this case.")).to_be_visible()
    desk.look((12, 30, 20))
    overlay = desk.page.get_by_test_id(re.compile("proposal-overlay")).first
    expect(overlay).to_have_attribute("data-voxels", str(np.count_nonzero(draft[12])))
    assert desk.count_on_screen(LIVER) == 0

    desk.press("q")
    desk.page.get_by_test_id(f"take-{LIVER}").click()
    liver = int(np.count_nonzero(draft == LIVER))
    desk.until("([label, count]) => window.__ninefold.voxelCount(label) === count", [LIVER, liver])
    expect(overlay).to_have_attribute("data-voxels", str(np.count_nonzero(draft[12] == LESION)))
    desk.press("Control+z")
    assert np.count_nonzero(desk.saved()) == 0
    assert told(desk)["accepted"] == ""

    desk.press("Control+Shift+z")
    assert np.array_equal(desk.saved(), np.where(draft == LIVER, draft, 0))
    assert told(desk)["accepted"] == "8=6-17"
    desk.press("Shift+q")
    desk.until("([label, count]) => window.__ninefold.voxelCount(label) === count", [LESION, 36])
    assert np.array_equal(desk.saved(), draft)
    assert told(desk)["accepted"] == "5=12;8=6-17"
    assert origins(desk) == {LESION: (36, 0, 0, 0), LIVER: (liver, 0, 0, 0)}

    desk.press("5", "b")
    desk.drag([(12, 30, 20), (12, 30, 20)])
    changed = int(np.count_nonzero(desk.saved() != draft))
    assert changed > 0
    assert origins(desk) == {LESION: (36, 0, changed, 0), LIVER: (liver - changed, 0, 0, changed)}


def test_who_starts_empty_keeps_the_draft_at_hand(
    stack_of_cases: Stack, workspaces: Workspaces, cases: dict[str, Case]
) -> None:
    workspaces.complaints.clear()
    case = cases["declined"]
    stack_of_cases.manage("shell", "-v", "0", "-c", OFFER.format(task=case.task, liver=LIVER, lesion=LESION))
    desk = Desk(workspaces.page("annotator"), case)
    desk.leave()
    desk.claim()
    desk.open()
    desk.page.get_by_role("button", name="Start empty").click()
    expect(desk.page.get_by_text("Model 3 drafted this case.")).to_have_count(0)
    assert (told(desk)["answer"], np.count_nonzero(desk.on_server())) == ("declined", 0)
    desk.press("q")
    desk.page.get_by_test_id(f"take-{LESION}").click()
    desk.until("label => window.__ninefold.voxelCount(label) === 36", LESION)
    assert np.array_equal(desk.saved(), np.where(drafted(case) == LESION, LESION, 0))
    assert workspaces.complaints == []


@pytest.fixture
def stack_of_cases(installation: Stack) -> Stack:
    return installation
