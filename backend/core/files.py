"""Files and folders written aside and moved, so that a reader meets the whole thing or nothing."""

from __future__ import annotations

import ctypes
import hashlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SYNC_FILE_RANGE_WRITE = 2  # linux/fs.h: begin, and do not wait
_sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None) if sys.platform == "linux" else None


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """Path to write a file to; it is flushed and moved to `path` when the block ends, and removed when that fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def folder_aside(path: Path) -> Iterator[Path]:
    """Folder to fill; moved to `path` when the block ends. Where a whole one is there already, that one stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(path)
    part.mkdir()
    try:
        yield part
        if not path.exists():
            _move_unless_there(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begin_writing(file: int) -> None:
    """Let the disk begin with what was written to an open file (Linux), so that a later fsync waits for little."""
    if _sync_file_range is not None:
        _sync_file_range(file, ctypes.c_int64(0), ctypes.c_int64(0), SYNC_FILE_RANGE_WRITE)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _move_unless_there(part: Path, path: Path) -> None:
    try:
        part.rename(path)
    except OSError:
        if not path.is_dir():  # else another process was faster, and its folder counts
            raise
