"""Advisory file locks. The kernel releases them when their holder dies, so none is ever stale."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class FileLock:
    """One `flock` on one file, shared or owned."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def share(self, *, wait: bool = True) -> bool:
        """Hold the lock beside others who share it; False when somebody owns it and we do not wait."""
        return self._take(fcntl.LOCK_SH, wait=wait)

    def own(self, *, wait: bool = True) -> bool:
        """Hold the lock alone; False when anybody else holds it and we do not wait. A share held before is given up."""
        return self._take(fcntl.LOCK_EX, wait=wait)

    def release(self) -> None:
        """Give the lock up, for children forked from this process too."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, operation: int, *, wait: bool) -> bool:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, operation | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True
