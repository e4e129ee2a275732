"""The study that is imported over and over."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class StudyFiles:
    """name: what it is, in words."""

    name: str
    folder: Path

    @cached_property
    def paths(self) -> list[Path]:
        """Its files."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    @cached_property
    def total_bytes(self) -> int:
        """Of all files."""
        return sum(path.stat().st_size for path in self.paths)

    def zipped(self, to: Path) -> Path:
        """A deflated zip of it."""
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as archive:
            for path in self.paths:
                archive.write(path, path.relative_to(self.folder))
        return to

    def warm(self) -> None:
        """Read every file once, so that nobody is timed for the disk's first read."""
        for path in self.paths:
            path.read_bytes()
