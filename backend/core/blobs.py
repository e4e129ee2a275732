"""Content-addressed files: a blob's name is the sha256 of its bytes, and it never changes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from backend.core.errors import NotFound, StorageFull
from backend.core.files import aside

DIGEST = re.compile(r"[0-9a-f]{64}")
FULL = {errno.ENOSPC, errno.EDQUOT}
ADOPTED_AT_ONCE = 4  # hashing and flushing leave Python's lock


def put(content: bytes) -> str:
    """Store bytes durably and return their sha256. Storing them again does nothing.

    Raises StorageFull when the disk has no room; nothing is left half-written.
    """
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not target.exists():
        with _told_when_full():
            _write(target, content)
    return digest


class Adoption:
    """Files of a folder on the same disk, named by their sha256, on their way into the store.

    A name is given to a whole file only, so that it can be hashed and flushed while others are still being written.
    """

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        self.folder = folder
        self._max_bytes = max_bytes
        self._pool = ThreadPoolExecutor(max_workers=ADOPTED_AT_ONCE)
        self._settled: dict[str, Future[None]] = {}

    def look(self) -> None:
        """Begin with the files that are there by now."""
        for path in self.folder.iterdir():
            self._begin(path.name)

    def take(self, digests: Collection[str]) -> None:
        """Move these into the store once they are whole and durable.

        Raises ValueError for a file that is not there, is no plain file, is larger than `max_bytes`, or is not what its
        name says; then none is taken. Raises StorageFull when the disk has no room.
        """
        wanted = sorted(set(digests))
        if not all(DIGEST.fullmatch(digest) for digest in wanted):
            raise ValueError("need the hex digits of a sha256 as a name")
        with _told_when_full():
            for digest in wanted:
                self._begin(digest)
            for digest in wanted:
                self._settled[digest].result()
            targets = [path_of(digest) for digest in wanted]
            for target in targets:
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.folder / target.name).replace(target)  # equal bytes: whoever holds the old file reads the same
            list(self._pool.map(_sync_folder, {target.parent for target in targets}))

    def close(self) -> None:
        """End what was begun."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, name: str) -> None:
        if name not in self._settled and DIGEST.fullmatch(name):
            self._settled[name] = self._pool.submit(_settle, self.folder / name, name, self._max_bytes)


def get(digest: str) -> bytes:
    """Bytes of a blob. Raises NotFound when the store does not have it."""
    try:
        return path_of(digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"Blob {digest[:12]} is missing from the store; restore it from the backup.") from error


def path_of(digest: str) -> Path:
    """Where a blob lies, whether it exists or not."""
    return Path(settings.BLOB_DIR) / digest[:2] / digest


@contextmanager
def _told_when_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFull("The server's disk is full; nothing was stored. Free some space, then try again.") from error


def _write(target: Path, content: bytes) -> None:
    with aside(target) as part:
        part.write_bytes(content)
    _sync_folder(target.parent)


def _settle(path: Path, digest: str, max_bytes: int) -> None:
    """Make a file durable and check that it is what its name says."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a named pipe would wait for a writer
    except OSError as error:
        raise ValueError(f"need the file {digest[:12]}, got none") from error
    with os.fdopen(file, "rb") as content:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1 or status.st_size > max_bytes:
            raise ValueError(f"need a plain file of at most {max_bytes} bytes as {digest[:12]}")
        if hashlib.file_digest(content, "sha256").hexdigest() != digest:
            raise ValueError(f"the file {digest[:12]} holds something else")
        os.fsync(file)


def _sync_folder(path: Path) -> None:
    """The new names themselves have to survive a power cut."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
