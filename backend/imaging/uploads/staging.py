"""The folder where an import's files wait: numbered files, and beside them the names that they came with.

The names are needed to tell which files belong together; they lie here alone and vanish with the folder.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from backend.core.files import aside
from backend.imaging.uploads.manifest import Manifest

NAMES_FILE = "names.json"


def begin(folder: Path, manifest: Manifest) -> None:
    """Make the folder with the names in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with aside(folder / NAMES_FILE) as part:
        part.write_text(json.dumps({"digest": manifest.digest, "names": manifest.names}))
    _sync_folder(folder)


def names_in(folder: Path) -> Mapping[str, str]:
    """The name that each numbered file of the folder came with; nothing where the files came in another way."""
    return {file_name(n): name for n, name in enumerate(_told(folder).get("names", ()))}


def digest_in(folder: Path) -> str:
    """`Manifest.digest` of the folder's files; empty where there is none."""
    return str(_told(folder).get("digest", ""))


def file_name(index: int) -> str:
    """Name on disk of a file by its place in the stream."""
    return f"{index:06d}"


def _told(folder: Path) -> dict[str, list[str]]:
    try:
        told: dict[str, list[str]] = json.loads((folder / NAMES_FILE).read_text())
    except FileNotFoundError:
        return {}
    return told


class StreamWriter:
    """Writes the stream from an offset on into the files that it is made of.

    offset: bytes of the stream up to which everything is written. A file is durable when its last byte is written, and
    the rest when `settle` returns.
    """

    def __init__(self, folder: Path, sizes: Sequence[int], offset: int) -> None:
        self.offset = offset
        self._folder = folder
        self._ends = list(accumulate(sizes))
        self._index = bisect_right(self._ends, offset)  # the first file that ends after the offset
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def left(self) -> int:
        """Bytes until the end of the stream."""
        return self._ends[-1] - self.offset

    def write(self, piece: bytes) -> None:
        """Write the next bytes; those after the end of the stream are left out. Raises OSError as the disk does."""
        rest = memoryview(piece)[: self.left]
        while rest:
            file = self._opened()
            part = rest[: self._ends[self._index] - self.offset]
            file.write(part)
            self.offset += len(part)
            rest = rest[len(part) :]
            if self.offset == self._ends[self._index]:
                self._complete(file)

    def settle(self) -> None:
        """Everything up to `offset` is on the disk when this returns; files without a byte are there at the end."""
        if self._file is not None:
            _flush(self._file)
        if not self.left:
            start = 0
            for index, end in enumerate(self._ends):
                if start == end:
                    (self._folder / file_name(index)).touch()
                start = end
        _sync_folder(self._folder)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            path = self._folder / file_name(self._index)
            self._file = path.open("r+b" if path.exists() else "xb")
            start = self._ends[self._index - 1] if self._index else 0
            self._file.seek(self.offset - start)
        return self._file

    def _complete(self, file: BinaryIO) -> None:
        _flush(file)
        file.close()
        self._file = None
        self._index = bisect_right(self._ends, self.offset)


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable: a file that was synced is lost when its name is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
