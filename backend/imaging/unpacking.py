"""Zip archives among the uploaded files of an import, each replaced by what is in it."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

from backend.core.files import aside
from backend.imaging.reading.archives import MAX_INFLATED_BYTES
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.reader import Reader
from backend.imaging.reports import Line
from backend.imaging.uploads.staging import NAMES_FILE, names_in

ZIP_START = b"PK\x03\x04"


def unpack_all(
    reader: Reader, folder: Path, *, max_bytes: int = MAX_INFLATED_BYTES
) -> tuple[list[Line], frozenset[Path]]:
    """Replace each zip in the folder by a folder of its files; what is refused stays and is returned with the reasons.

    Safe to repeat. `max_bytes` bounds what all of them inflate to.
    """
    lines, refused, names = [], set(), names_in(folder)
    for path in sorted(folder.iterdir()):
        if path.is_file() and _is_zip(path):
            try:
                max_bytes -= _unpack(reader, path, names.get(path.name, path.name), max_bytes)
            except StudyRefused as error:
                refused.add(path)
                lines += [Line("error", f.subject, f"{f.subject} {f.message}.", f.action) for f in error.faults]
    return lines, frozenset(refused)


def _unpack(reader: Reader, path: Path, name: str, max_bytes: int) -> int:
    """Bytes that came out of an archive, whose place is taken by a folder with its files and their names."""
    target = path.with_name(f"{path.name}.members")
    inside = reader.unpack(path, target, max_bytes=max_bytes)
    top = PurePosixPath(name).with_suffix("").as_posix()
    with aside(target / NAMES_FILE) as part:
        part.write_text(json.dumps({"names": [f"{top}/{member}" for member in inside]}))
    path.unlink()
    return sum(file.stat().st_size for file in target.iterdir())


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ZIP_START)) == ZIP_START
