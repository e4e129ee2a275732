"""The strip of slices, curves of contrast over time, and surfaces: what they show, and where a click leads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from tests.e2e.cases import PHASES, Case
from tests.e2e.workspace import Desk, Workspaces, boxes
from tests.installation import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION = 5
# Smoothing without shrinking may bulge a flat side; less than half of the smallest voxel.
SMOOTHED_MM = 0.4
DOUBTS = {4: 0.3, 17: 0.6}
STORE_DOUBT = """
from backend.annotation.masks import store_mask
from backend.imaging.models import Volume
from backend.learning.models import ModelVersion, Prediction, Round
import numpy as np
volume = Volume.objects.get(pk={volume})
project = volume.study.patient.project
snapshot = project.snapshots.create(number=1, manifest={{}}, sha256="0" * 64)
turn = Round.objects.create(project=project, number=1, state="done", preset="smoke", snapshot=snapshot)
model = ModelVersion.objects.create(
    project=project, number=1, round=turn, state="retired", weights_bytes=1, channels=[], training_cases=1, result={{}}
)
mask = store_mask(volume=volume, labels=np.zeros({shape}, np.uint8))
doubts = [{doubts}.get(z, 0.1) for z in range({shape}[0])]
Prediction.objects.create(model_version=model, volume=volume, mask=mask, entropy=0.1, slice_entropy=doubts, seconds=1.0)
"""


def box_of(case: Case) -> NDArray[np.uint8]:
    """A lesion that is a box in slices 8 to 15."""
    return boxes(case.shape_zyx, l5=(slice(8, 16), slice(30, 50), slice(20, 40)))


def slice_shown(desk: Desk) -> int:
    return int(desk.page.evaluate("() => window.__ninefold.slice()"))


def point_of_slice(desk: Desk, z: int) -> tuple[float, float]:
    """Where a slice lies in the strip, in CSS pixels of the window."""
    box = desk.page.get_by_test_id("slice-strip").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + (z + 0.5) / desk.case.shape_zyx[0] * box["height"]


def test_a_click_in_the_strip_goes_to_the_slice_and_a_drag_through_slices(workspaces: Workspaces, cases) -> None:
    desk = workspaces.open(cases["aligned"], box_of(cases["aligned"]))
    desk.page.mouse.click(*point_of_slice(desk, 3))
    assert slice_shown(desk) == 3
    desk.page.mouse.down()
    desk.page.mouse.move(*point_of_slice(desk, 20), steps=4)
    desk.page.mouse.up()
    assert slice_shown(desk) == 20
    desk.press("ArrowUp")
    assert slice_shown(desk) == 19


def test_the_strip_tells_the_area_of_a_label_and_that_a_slice_is_empty(workspaces: Workspaces, cases) -> None:
    case = cases["aligned"]
    desk = workspaces.open(case, box_of(case))
    _, y_mm, x_mm = case.spacing_zyx_mm
    desk.page.mouse.move(*point_of_slice(desk, 10))
    tip = desk.page.locator(".slice-tip")
    expect(tip).to_contain_text("Slice 11")
    expect(tip).to_contain_text(f"{20 * 20 * y_mm * x_mm:.0f} mm²")
    desk.page.mouse.move(*point_of_slice(desk, 2))
    expect(tip).to_contain_text("Empty")


def test_the_keys_lead_to_the_next_empty_slice(workspaces: Workspaces, cases) -> None:
    desk = workspaces.open(cases["aligned"], box_of(cases["aligned"]))
    desk.look((8, 48, 40))
    desk.press("Shift+J")
    assert slice_shown(desk) == 16
    desk.press("Alt+Shift+J")
    assert slice_shown(desk) == 7


def test_the_keys_lead_to_where_the_model_was_unsure(workspaces: Workspaces, cases, installation: Stack) -> None:
    case = cases["oblique"]
    code = STORE_DOUBT.format(volume=case.volume, shape=case.shape_zyx, doubts=DOUBTS)
    installation.manage("shell", "--verbosity", "0", "--command", code)
    desk = workspaces.open(case)
    desk.page.mouse.move(*point_of_slice(desk, 17))
    expect(desk.page.locator(".slice-tip")).to_contain_text("0.60")
    desk.look((0, 48, 40))
    stops = []
    for _ in DOUBTS:
        desk.press("j")
        stops.append(slice_shown(desk))
    assert stops == sorted(DOUBTS)


def test_a_curve_tells_what_the_files_hold(workspaces: Workspaces, cases, volumes_folder: Path) -> None:
    case = cases["aligned"]
    desk = workspaces.open(case)
    voxel = case.small.ball_zyx
    desk.look(voxel)
    show_curve(desk)
    desk.move(voxel)
    signal = scanner_values(volumes_folder / "aligned", case, voxel)
    assert signal == [400, 600, 800]
    desk.page.get_by_role("radio", name="Signal").click()
    expect(desk.page.get_by_label("Signal over time").locator("b")).to_have_text(f"{signal[-1]:.0f}")
    before, first, last = signal
    initial, minutes = 100 * (first - before) / before, 2
    for name, words in {
        "initial": f"+{initial:.0f} %, medium",
        "wash-in": f"+{initial / minutes:.0f} %/min",
        "peak": f"+{100 * (last - before) / before:.0f} %, at 240 s",
        "late": f"+{100 * (last - first) / first:.0f} %",
        "ratio": f"{(first - before) / (last - before):.2f}",
    }.items():
        expect(desk.page.get_by_test_id(f"curve-{name}")).to_have_text(words)
    expect(desk.page.get_by_test_id("curve")).to_contain_text("Persistent")
    desk.press("Shift+K")
    expect(desk.page.get_by_test_id("pinned-curve")).to_have_count(1)


def test_a_curve_of_a_label_is_the_mean_of_its_voxels(workspaces: Workspaces, cases) -> None:
    case = cases["aligned"]
    labels = box_of(case)
    desk = workspaces.open(case, labels)
    desk.press("5")
    show_curve(desk)
    desk.page.get_by_role("radio", name="Label", exact=True).click()
    desk.page.get_by_role("radio", name="Signal").click()
    mean = case.small.pixels(PHASES - 1)[labels == LESION].astype(float).mean()
    expect(desk.page.get_by_label("Signal over time").locator("b").first).to_have_text(f"{mean:.0f}")


@pytest.mark.parametrize("volume", ["aligned", "oblique"])
def test_a_surface_lies_where_the_label_lies_and_a_click_goes_there(workspaces, cases, volume) -> None:
    case = cases[volume]
    labels = box_of(case)
    desk = workspaces.open(case, labels)
    desk.press("Shift+V")
    desk.until("() => (window.__ninefoldSurface?.vertices(5) ?? 0) > 0")
    least, most = desk.page.evaluate("() => window.__ninefoldSurface.bounds(5)")
    corners = case.lps(np.array([[z, y, x] for z in (7.5, 15.5) for y in (29.5, 49.5) for x in (19.5, 39.5)]))
    np.testing.assert_array_less(corners.min(axis=0) - SMOOTHED_MM, least)
    np.testing.assert_array_less(most, corners.max(axis=0) + SMOOTHED_MM)
    np.testing.assert_allclose(np.subtract(most, least), np.ptp(corners, axis=0), atol=4)
    desk.page.evaluate("zyx => window.__ninefold.goTo(...zyx)", [0, 0, 0])
    middle = desk.page.evaluate("() => window.__ninefoldSurface.clientPoint(11.5, 39.5, 29.5)")
    desk.page.mouse.click(middle["x"], middle["y"])
    desk.until("() => window.__ninefold.slice() > 0")
    shown = tuple(
        desk.page.evaluate("plane => window.__ninefold.slice(plane)", plane) for plane in order_of_planes(desk)
    )
    assert labels[shown] == LESION


def order_of_planes(desk: Desk) -> list[str]:
    """The planes that scroll along z, y and x."""
    return list(desk.page.evaluate("() => window.__ninefoldSurface.planes"))


def show_curve(desk: Desk) -> None:
    """Open the section of curves, which the browser remembers."""
    title = desk.page.get_by_role("button", name="Curve", exact=True)
    if title.get_attribute("aria-expanded") == "false":
        title.click()


def scanner_values(folder: Path, case: Case, voxel: tuple[int, int, int]) -> list[float]:
    """Value of a voxel in each phase, by pydicom and numpy: the file whose image plane holds the voxel's position."""
    position, found = case.lps(voxel), {}
    for path in filter(Path.is_file, folder.rglob("*")):
        image = pydicom.dcmread(path)
        across, down = np.split(np.array(image.ImageOrientationPatient, float), 2)
        offset = position - np.array(image.ImagePositionPatient, float)
        if abs(offset @ np.cross(across, down)) > 1e-3:
            continue
        down_mm, across_mm = image.PixelSpacing
        stored = image.pixel_array[round(offset @ down / down_mm), round(offset @ across / across_mm)]
        found[str(image.AcquisitionTime)] = float(
            stored * image.get("RescaleSlope", 1) + image.get("RescaleIntercept", 0)
        )
    return [found[time] for time in sorted(found)]
