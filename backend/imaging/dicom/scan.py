"""Every file of a folder: its header, or why it is left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.imaging.dicom.headers import Header, HeaderRefused, Refusal, read_header


@dataclass
class Scan:
    """headers: one per usable file, no SOP instance twice; refused: why, by place in the list; repeats: copies."""

    headers: list[Header] = field(default_factory=list)
    refused: dict[int, Refusal] = field(default_factory=dict)
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


def scan(files: Sequence[Path], *, at: Callable[[int], None] = lambda place: None) -> Scan:  # noqa: ARG005
    """Read the headers; `at` is told the place of each file in the list before it is opened."""
    found, seen = Scan(), set[str]()
    for place, path in enumerate(files):
        at(place)
        try:
            header = read_header(path)
        except HeaderRefused as error:
            found.refused[place] = error.refusal
            continue
        if header.sop_uid in seen:
            found.repeats += 1
        else:
            seen.add(header.sop_uid)
            found.headers.append(header)
    return found
