"""Where the files of an import lie, and the names that they came with, which nothing else keeps."""

from __future__ import annotations

import os
from pathlib import Path

from backend.imaging.reading.messages import SourceFile
from backend.imaging.uploads.staging import NAMES_FILE, names_in


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


def files_below(folder: Path, *, numbered: bool) -> tuple[list[SourceFile], int]:
    """The same with the name that each came with, relative to the folder.

    numbered: files lie under numbers, their names in a file beside them; else they lie under their names.
    """
    paths, links = list_files(folder)
    if not numbered:
        return [SourceFile(path, path.relative_to(folder).as_posix()) for path in paths], links
    told = {place: names_in(place) for place in {path.parent for path in paths}}
    files = [path for path in paths if path.name != NAMES_FILE]
    return [
        SourceFile(path, told[path.parent].get(path.name) or path.relative_to(folder).as_posix()) for path in files
    ], links
