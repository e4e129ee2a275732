"""Small cases for tests of the editor: a handful of voxels, uneven in mm, straight or oblique, in three phases."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import APIRequestContext

from tests.backend.imaging.dicom_files import AXIAL, OBLIQUE, StudyWriter
from tests.installation import Stack

PROJECT = "workspace"
PHASES = 3
LIMIT_S = 60
ENSURE_PROJECT = f"from backend.config.demo.people import ensure_team; ensure_team({PROJECT!r}, 'Workspace')"


@dataclass(frozen=True)
class SmallVolume:
    """What is imported under a name. ball_zyx: the middle of a bright ball, which takes up contrast."""

    name: str
    orientation: tuple[float, ...]
    shape_zyx: tuple[int, int, int] = (24, 96, 80)
    spacing_zyx_mm: tuple[float, float, float] = (2.0, 0.8, 1.1)
    ball_zyx: tuple[int, int, int] = (12, 40, 30)
    ball_mm: float = 8.0

    def in_ball(self) -> NDArray[np.bool_]:
        """Voxels (Z, Y, X) whose middle lies in the bright ball."""
        steps = [
            (np.arange(n) - middle) * mm
            for n, middle, mm in zip(self.shape_zyx, self.ball_zyx, self.spacing_zyx_mm, strict=True)
        ]
        z, y, x = np.meshgrid(*steps, indexing="ij")
        return z**2 + y**2 + x**2 <= self.ball_mm**2

    def pixels(self, phase: int) -> NDArray[np.uint16]:
        """Stored values (Z, Y, X): 100 to 179 from right to left, the ball 400 and 200 more with each phase."""
        values = np.broadcast_to(100 + np.arange(self.shape_zyx[2]), self.shape_zyx)
        return np.where(self.in_ball(), 400 + 200 * phase, values).astype(np.uint16)


ALIGNED = SmallVolume("aligned", AXIAL)
OBLIQUE_ONE = SmallVolume("oblique", OBLIQUE)
TO_DRAFT = replace(ALIGNED, name="drafted", shape_zyx=(24, 96, 84))
TO_DECLINE = replace(ALIGNED, name="declined", shape_zyx=(24, 96, 88))
"""Cases that nobody may have begun before a draft is offered."""
SMALL_VOLUMES = {volume.name: volume for volume in (ALIGNED, OBLIQUE_ONE, TO_DRAFT, TO_DECLINE)}


@dataclass(frozen=True)
class Case:
    """A task that was opened for an imported volume. affine: (z, y, x, 1) to LPS mm."""

    task: int
    volume: int
    shape_zyx: tuple[int, int, int]
    spacing_zyx_mm: tuple[float, float, float]
    affine: NDArray[np.float64]
    small: SmallVolume

    def lps(self, zyx: NDArray[np.float64] | tuple[float, ...]) -> NDArray[np.float64]:
        """Positions (..., 3) in mm of indices (..., 3)."""
        index = np.asarray(zyx, dtype=float)
        return np.asarray(index @ self.affine[:3, :3].T + self.affine[:3, 3])


def import_small_volumes(
    stack: Stack, folder: Path, volumes: Iterable[SmallVolume] = tuple(SMALL_VOLUMES.values())
) -> None:
    """Put the volumes, each as a patient of its own, into the project of the editor's tests."""
    stack.manage("shell", "--verbosity", "0", "--command", ENSURE_PROJECT)
    for volume in volumes:
        _write(volume, folder / volume.name)
    stack.manage("import_studies", str(folder), "--project", PROJECT, "--partition", "POOL")


def open_cases(request: APIRequestContext) -> dict[str, Case]:
    """The imported cases by name, once a job has opened a task for each. request: somebody's who may see them."""
    patients = request.get(f"/api/projects/{PROJECT}/patients").json()["results"]
    return {case.small.name: case for case in (_case(request, patient["id"]) for patient in patients)}


def _write(volume: SmallVolume, folder: Path) -> None:
    _, y_mm, x_mm = volume.spacing_zyx_mm
    writer = StudyWriter(folder, {"PatientID": f"ID-{volume.name}", "PatientName": f"{volume.name}^Small"})
    for phase in range(PHASES):
        writer.add(
            volume.pixels(phase),
            orientation=volume.orientation,
            spacing_yx=(y_mm, x_mm),
            step_mm=volume.spacing_zyx_mm[0],
            SeriesDescription=f"ax dyn {phase}",
            AcquisitionDate="20240102",
            AcquisitionTime=f"10{2 * phase:02d}30.500",
            **({"ContrastBolusAgent": "Gadobutrol"} if phase else {}),
        )


def _case(request: APIRequestContext, patient: int) -> Case:
    end = time.monotonic() + LIMIT_S
    while True:
        (study,) = request.get(f"/api/patients/{patient}").json()["studies"]
        (volume,) = study["volumes"]
        if volume["task_id"] is not None:
            break
        assert time.monotonic() < end, f"no task was opened for patient {patient}"
        time.sleep(0.1)
    affine = np.array(volume["affine"], dtype=float)
    straight = bool(np.allclose(np.abs(affine[:3, :3]).max(axis=0), volume["spacing_zyx_mm"]))
    return Case(
        task=volume["task_id"],
        volume=volume["id"],
        shape_zyx=tuple(volume["shape_zyx"]),
        spacing_zyx_mm=tuple(volume["spacing_zyx_mm"]),
        affine=affine,
        small=_which(tuple(volume["shape_zyx"]), straight),
    )


def _which(shape_zyx: tuple[int, ...], straight: bool) -> SmallVolume:
    if not straight:
        return OBLIQUE_ONE
    return next(small for small in (ALIGNED, TO_DRAFT, TO_DECLINE) if small.shape_zyx == shape_zyx)
