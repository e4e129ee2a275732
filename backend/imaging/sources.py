"""Where the files of an import lie, and the names that they came with, which nothing else keeps."""

from __future__ import annotations

import os
from pathlib import Path

from backend.imaging.reading.messages import SourceFile
from backend.imaging.uploads.staging import NAMES_FILE, names_in


def files_below(folder: Path, *, numbered: bool) -> tuple[list[SourceFile], int]:
    """Regular files in a stable order, and how many links were left out: a link can lead anywhere.

    numbered: files lie under numbers, their names in a file beside them; else they lie under their names.
    """
    found, links = [], 0
    for place, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        links += sum(Path(place, name).is_symlink() for name in folders)
        told = names_in(Path(place)) if numbered else {}
        for name in sorted(names):
            path = Path(place, name)
            if path.is_symlink():
                links += 1
            elif path.is_file() and not (numbered and name == NAMES_FILE):
                found.append(SourceFile(path, told.get(name) or path.relative_to(folder).as_posix()))
    return found, links
