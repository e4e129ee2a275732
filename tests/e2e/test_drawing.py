"""Every drawing tool with a real mouse, in every plane, on uneven and oblique voxels: the server's voxels tell."""

from __future__ import annotations

import numpy as np
import pytest

from tests.e2e.cases import Case
from tests.e2e.workspace import PLANES, Workspaces, positions_in_nifti

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

LESION = 5
VOLUMES = ("aligned", "oblique")
MIDDLE = (12, 48, 40)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("volume", VOLUMES)
def test_the_brush_paints_under_the_pointer(workspaces: Workspaces, cases: dict[str, Case], volume, plane) -> None:
    desk = workspaces.open(cases[volume])
    desk.press("5", "b")
    desk.look(MIDDLE, plane)
    desk.drag([MIDDLE, MIDDLE], plane)
    labels = desk.saved()
    assert labels[MIDDLE] == LESION
    assert np.count_nonzero(labels) == desk.count_on_screen(LESION)


def test_the_exported_mask_lies_where_it_was_drawn(workspaces, cases, tmp_path) -> None:
    case = cases["oblique"]
    desk = workspaces.open(case)
    desk.press("5", "b")
    desk.look(MIDDLE)
    desk.drag([MIDDLE, MIDDLE])
    labels = desk.saved()
    found = positions_in_nifti(workspaces.context("manager"), case, LESION, tmp_path)
    np.testing.assert_allclose(found, case.lps(np.argwhere(labels == LESION)), atol=1e-3)
