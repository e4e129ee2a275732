"""What benchmarks share: a study of 800 files, an installation of its own, somebody who is signed in."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.phantom import Size, make_phantom
from ml.phantom.dicom import write_dicom
from tests.bench.studies import StudyFiles
from tests.installation import Stack, running_stack

DUKE = Path(__file__).parents[3] / "shared" / "data" / "duke_153"


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> StudyFiles:
    """Five phases of 160 slices 448×448: a real study where it is at hand, else the phantom."""
    folder = tmp_path_factory.mktemp("study")
    archives = sorted(DUKE.glob("*_dyn_*.tar.xz"))
    for archive in archives:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    if not archives:
        print("\nThe real study is not beside this checkout: its place is taken by the phantom, which takes a while.")
        write_dicom(make_phantom(seed=1, size=Size.FULL, phases=5), folder)
    return StudyFiles("Duke 153" if archives else "the phantom", folder)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """An empty installation with a manager; its database flushes to the disk."""
    with running_stack() as running:
        running.manage(
            "shell",
            "-c",
            "from backend.accounts.models import User; "
            "User.objects.create_user(username='manager', password='bench-123')",
        )
        yield running
