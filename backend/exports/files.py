"""Makes the zip of a snapshot: one case on disk at a time, stored uncompressed since its files are compressed."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from backend.core.files import aside, sha256_of
from backend.exports.models import DatasetFile
from backend.exports.nnunet import dataset_name, write_raw

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: equal datasets give equal files


def file_name(file: DatasetFile) -> str:
    """Name under which people download it."""
    snapshot = file.snapshot
    return f"{snapshot.project.slug}-snapshot{snapshot.number}-{file.format}.zip"


def path_of(file: DatasetFile) -> Path:
    """Where the finished file lies."""
    return Path(settings.EXPORT_DIR) / f"{file.pk}-{file_name(file)}"


def write_zip(file: DatasetFile, on_case: Callable[[int], None]) -> tuple[int, str]:
    """Write the file aside and move it to its place; returns its size in bytes and its sha256.

    on_case: called with the number of cases written so far.
    """
    Path(settings.EXPORT_DIR).mkdir(parents=True, exist_ok=True)
    with (
        aside(path_of(file)) as part,
        tempfile.TemporaryDirectory(prefix=".dataset-", dir=settings.EXPORT_DIR) as scratch,
    ):
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for done, written in enumerate(write_raw(snapshot=file.snapshot, folder=Path(scratch)), start=1):
                for path in written:
                    _add(archive, path, f"{dataset_name(file.snapshot)}/{path.relative_to(scratch)}")
                    path.unlink()
                on_case(done)
        size, digest = part.stat().st_size, sha256_of(part)
    return size, digest


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    entry.external_attr = 0o644 << 16
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        shutil.copyfileobj(source, target, 1 << 20)
