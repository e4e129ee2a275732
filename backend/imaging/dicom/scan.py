"""Every file of a folder: its header, or why it is left out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from backend.imaging.dicom.headers import Header, HeaderRefused, Refusal, read_header


@dataclass
class Scan:
    """headers: one per usable file, no SOP instance twice; refused: how many files for each reason; repeats: copies."""

    headers: list[Header] = field(default_factory=list)
    refused: Counter[Refusal] = field(default_factory=Counter)
    repeats: int = 0


def list_files(folder: Path) -> tuple[list[Path], int]:
    """Regular files below the folder in a stable order, and how many links were left out: a link can lead anywhere."""
    files, links = [], 0
    for place, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        links += sum(Path(place, name).is_symlink() for name in folders)
        for name in sorted(names):
            path = Path(place, name)
            if path.is_symlink():
                links += 1
            elif path.is_file():
                files.append(path)
    return files, links


def scan(files: list[Path], *, step: Callable[[], None] = lambda: None) -> Scan:
    """Read the headers; `step` is called once for each file."""
    found, seen = Scan(), set[str]()
    for header in _headers(files, found.refused, step):
        if header.sop_uid in seen:
            found.repeats += 1
        else:
            seen.add(header.sop_uid)
            found.headers.append(header)
    return found


def _headers(files: list[Path], refused: Counter[Refusal], step: Callable[[], None]) -> Iterator[Header]:
    for path in files:
        try:
            yield read_header(path)
        except HeaderRefused as error:
            refused[error.refusal] += 1
        step()
