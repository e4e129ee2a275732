"""Content-addressed files: a blob's name is the sha256 of its bytes, and it never changes."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings

from backend.core.errors import NotFound


def put(content: bytes) -> str:
    """Store bytes durably and return their sha256. Storing them again does nothing."""
    digest = hashlib.sha256(content).hexdigest()
    target = path_of(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{digest}.{secrets.token_hex(4)}")
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
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
