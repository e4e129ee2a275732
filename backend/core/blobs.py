"""Content-addressed files: a blob's name is the sha256 of its bytes, and it never changes."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

from django.conf import settings

from backend.core.errors import NotFound, StorageFull
from backend.core.files import aside

FULL = {errno.ENOSPC, errno.EDQUOT}


def put(content: bytes) -> str:
    """Store bytes durably and return their sha256. Storing them again does nothing.

    Raises StorageFull when the disk has no room; nothing is left half-written.
    """
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not target.exists():
        try:
            _write(target, content)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise StorageFull(
                "The server's disk is full; nothing was stored. Free some space, then try again."
            ) from error
    return digest


def get(digest: str) -> bytes:
    """Bytes of a blob. Raises NotFound when the store does not have it."""
    try:
        return path_of(digest).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"Blob {digest[:12]} is missing from the store; restore it from the backup.") from error


def path_of(digest: str) -> Path:
    """Where a blob lies, whether it exists or not."""
    return Path(settings.BLOB_DIR) / digest[:2] / digest


def _write(target: Path, content: bytes) -> None:
    with aside(target) as part:
        part.write_bytes(content)
    folder = os.open(target.parent, os.O_RDONLY)  # the new name itself has to survive a power cut
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
