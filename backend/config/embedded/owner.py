"""Whose files and processes the embedded PostgreSQL's are: ours, or another's when we are root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
from dataclasses import dataclass
from pathlib import Path

from backend.config.embedded.errors import EmbeddedError

ROOT_UID = 0


@dataclass(frozen=True)
class Owner:
    """A system user."""

    name: str
    uid: int
    gid: int


def owner_of(folder: Path) -> Owner:
    """Who runs the server that keeps its files in `folder`: its owner; for root and a new folder, `nobody`.

    Raises EmbeddedError when the files belong to somebody we may not act for.
    """
    uid = folder.stat().st_uid if folder.exists() else os.getuid()
    if uid == ROOT_UID and os.getuid() == ROOT_UID:
        entry = pwd.getpwnam("nobody")
        return Owner(entry.pw_name, entry.pw_uid, entry.pw_gid)
    if uid != os.getuid() != ROOT_UID:
        raise EmbeddedError(
            f"{folder} belongs to user {uid}: start as that user (or as root if root made it), or set NINEFOLD_VAR"
        )
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        raise EmbeddedError(f"user {uid} has no entry in /etc/passwd, which PostgreSQL requires") from None
    return Owner(name, uid, folder.stat().st_gid if folder.exists() else os.getgid())


def run_as(owner: Owner, command: list[str], *, reaching: Path) -> list[str]:
    """`command`, wrapped to run as `owner` when we are somebody else, that is root.

    Where the program or `reaching` lies below a folder closed to others (root's home), the one capability to pass it is
    kept, rather than opening that folder to everybody.
    """
    if owner.uid == os.getuid():
        return command
    if shutil.which("setpriv") is None:
        raise EmbeddedError(
            "root needs the program setpriv (package util-linux) to run PostgreSQL: install it or be another user"
        )
    words = ["setpriv", f"--reuid={owner.uid}", f"--regid={owner.gid}", "--clear-groups"]
    words += ["--pdeathsig", signal.SIGINT.name.removeprefix("SIG")]  # a change of user clears what the parent set
    if not (_open_to_others(Path(command[0])) and _open_to_others(reaching)):
        words += ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--securebits=+no_setuid_fixup"]
    return [*words, *command]


def _open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
