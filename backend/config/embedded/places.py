"""Where an embedded server keeps its files."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.locks import FileLock

SOCKET_FOLDER_LIMIT = 85  # a socket's whole path ends at 107 bytes, and PostgreSQL appends `.s.PGSQL.5432.lock`


@dataclass(frozen=True)
class Places:
    """Files of the server `name` below `var`."""

    name: str
    var: Path

    @property
    def state(self) -> Path:
        """What the server stores."""
        return self.var / self.name

    @property
    def log(self) -> Path:
        return self.var / "log" / f"{self.name}.log"

    @property
    def address(self) -> Path:
        """JSON written by the guard while the server answers: its url and the guard's process id."""
        return self.var / "embedded" / f"{self.name}.json"

    def lock(self, purpose: str) -> FileLock:
        """Lock `users` (shared by every user), `guard` (owned by the guard) or `start` (owned while joining)."""
        return FileLock(self.var / "embedded" / f"{self.name}.{purpose}")

    def socket_folder(self) -> Path:
        """Private folder for the server's socket, short however long `var`. Raises EmbeddedError if it is not ours."""
        key = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"ninefold-{os.getuid()}-{key}-{self.name}"
        if len(os.fsencode(folder)) > SOCKET_FOLDER_LIMIT:
            folder = Path("/tmp") / folder.name  # noqa: S108 - ownership and mode are checked below
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
            raise EmbeddedError(f"{folder} is not a private folder of ours: remove it and start again")
        return folder
