"""Content-addressed files: a blob's name is the sha256 of its bytes, and it never changes."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from backend.core.errors import NotFound, StorageFull
from backend.core.files import aside

SHA256 = re.compile(r"[0-9a-f]{64}")
FULL = {errno.ENOSPC, errno.EDQUOT}
AT_ONCE = 8  # flushes that a disk can put together


def put(content: bytes) -> str:
    """Store bytes durably and return their sha256. Storing them again does nothing.

    Raises StorageFull when the disk has no room; nothing is left half-written.
    """
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not target.exists():
        with _room():
            with aside(target) as part:
                part.write_bytes(content)
            _flush_names(target.parent)
    return digest


def adopt(folder: Path, digests: Iterable[str]) -> None:
    """Move files, each named by its sha256, from a folder on the store's disk into the store, durably.

    All of them are flushed before any moves. Raises ValueError when one is missing or does not hold what its name
    says, StorageFull when the disk has no room; then none has moved.
    """
    new = [digest for digest in dict.fromkeys(map(_name, digests)) if not path_of(digest).exists()]
    with _room(), ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda digest: _check_and_flush(folder / digest), new))
        for digest in new:
            path_of(digest).parent.mkdir(parents=True, exist_ok=True)
            (folder / digest).replace(path_of(digest))
        list(pool.map(_flush_names, {path_of(digest).parent for digest in new}))


def get(digest: str) -> bytes:
    """Bytes of a blob. Raises NotFound when the store does not have it."""
    try:
        return path_of(digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"Blob {digest[:12]} is missing from the store; restore it from the backup.") from error


def path_of(digest: str) -> Path:
    """Where a blob lies, whether it exists or not."""
    return Path(settings.BLOB_DIR) / digest[:2] / digest


def _name(digest: str) -> str:
    if not SHA256.fullmatch(digest):
        raise ValueError("the name of a blob needs to be a sha256 in hexadecimal")
    return digest


def _check_and_flush(path: Path) -> None:
    """Whoever left the file may be anybody's puppet: no link is followed, and the name has to be true."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise ValueError(f"Blob {path.name[:12]} was announced and is not there.") from error
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode) or hashlib.file_digest(file, "sha256").hexdigest() != path.name:
            raise ValueError(f"Blob {path.name[:12]} does not hold what its name says.")
        os.fsync(number)


def _flush_names(folder: Path) -> None:
    """A new name has to survive a power cut as its content does."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise StorageFull("The server's disk is full; nothing was stored. Free some space, then try again.") from error
