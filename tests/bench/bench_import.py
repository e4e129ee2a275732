"""What it takes to bring in an 800-file study, flushed to the disk, de-identified and listed, against Orthanc.

Orthanc gets the files over the loopback, one request each or as a zip, and stores them as they are. Goals: 1.5 times
its rate of single files, 3 times that of its zip.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

import pytest

from tests.bench.orthanc import PROGRAM, Orthanc, running_orthanc
from tests.bench.signed_in import SignedIn
from tests.bench.studies import StudyFiles
from tests.bench.tables import median, show
from tests.installation import Stack

RUNS = 5

pytestmark = pytest.mark.timeout(1800)


def test_import_of_a_study(stack: Stack, study: StudyFiles, tmp_path) -> None:
    study.warm()
    archive = study.zipped(tmp_path / "study.zip")
    ours = Ours(stack, study)
    ways: dict[str, Callable[[], float]] = {
        "a folder of the server, `import_studies`": ours.folder,
        "the same with the start of the command": ours.folder_with_start,
        "files over HTTP, one stream": lambda: ours.upload(study.paths),
        "a zip over HTTP": lambda: ours.upload([archive]),
    }
    if PROGRAM is None:
        print("\nOrthanc is not installed: there is no peer to compare with.")
        _show(study, _timed(ways), "no peer")
        return
    with running_orthanc() as orthanc:
        ways |= {
            "Orthanc, a request a file, 1 connection": lambda: _orthanc(orthanc, study, 1),
            "Orthanc, a request a file, 4 connections": lambda: _orthanc(orthanc, study, 4),
            "Orthanc, a zip": lambda: _orthanc_zip(orthanc, study, archive),
        }
        _show(study, _timed(ways), f"Orthanc {orthanc.version}")


def _timed(ways: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Median seconds of each way; they take turns, so that a busy moment meets all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS):
        for name, way in ways.items():
            seconds[name].append(way())
    return {name: median(values) for name, values in seconds.items()}


def _show(study: StudyFiles, seconds: dict[str, float], peer: str) -> None:
    files = len(study.paths)
    rates = {name: files / value for name, value in seconds.items()}
    singles = max((rate for name, rate in rates.items() if name.startswith("Orthanc, a request")), default=None)
    zipped = rates.get("Orthanc, a zip")

    def times(rate: float, of: float | None) -> str:
        return "–" if of is None else f"{rate / of:.2f}×"

    show(
        f"Import of {study.name}, {files} files, {study.total_bytes / 1e6:.0f} MB, median of {RUNS}, against {peer}",
        ["way", "seconds", "files/s", "of Orthanc's best REST (goal 1.5×)", "of its zip (goal 3×)"],
        [
            [name, f"{seconds[name]:.2f}", f"{rate:.0f}", times(rate, singles), times(rate, zipped)]
            for name, rate in rates.items()
        ],
    )


class Ours:
    """Imports into a project of its own each time, with an empty store."""

    def __init__(self, stack: Stack, study: StudyFiles) -> None:
        self._stack, self._study = stack, study
        self._projects = 0
        self._started_s = 0.0
        self._user = SignedIn(stack.url)

    def folder(self) -> float:
        """Seconds that the command says, and a look at the list."""
        project = self._empty_project()
        began = time.perf_counter()
        said = self._stack.manage(
            "import_studies", str(self._study.folder), "--project", project, "--create", "--partition", "POOL"
        )
        listing = time.perf_counter()
        self._user.check_listed(project)
        self._started_s = listing - began
        return float(said.split(" files in ")[1].split(" s")[0]) + time.perf_counter() - listing

    def folder_with_start(self) -> float:
        """Seconds of the whole command that `folder` has just run."""
        return self._started_s

    def upload(self, paths: list) -> float:
        """Seconds from the first request to the list."""
        project = self._empty_project()
        self._stack.manage(
            "shell",
            "-c",
            "from backend.accounts.models import User; from backend.accounts.roles import Role; "
            "from backend.accounts.services import add_member, create_project; "
            f"add_member(project=create_project(name='{project}', slug='{project}'), "
            "user=User.objects.get(username='manager'), role=Role.MANAGER)",
        )
        began = time.perf_counter()
        self._user.upload(project, self._study, paths)
        return time.perf_counter() - began

    def _empty_project(self) -> str:
        shutil.rmtree(self._stack.var / "blobs", ignore_errors=True)
        self._projects += 1
        return f"bench-{self._projects}"


def _orthanc(orthanc: Orthanc, study: StudyFiles, connections: int) -> float:
    orthanc.forget()
    began = time.perf_counter()
    orthanc.send(study.paths, connections=connections)
    seconds = time.perf_counter() - began
    assert orthanc.instances() == len(study.paths)
    return seconds


def _orthanc_zip(orthanc: Orthanc, study: StudyFiles, archive) -> float:
    orthanc.forget()
    began = time.perf_counter()
    orthanc.send_zip(archive)
    seconds = time.perf_counter() - began
    assert orthanc.instances() == len(study.paths)
    return seconds
