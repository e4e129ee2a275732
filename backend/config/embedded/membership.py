"""Join the embedded servers, and leave them."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.locks import FileLock
from backend.config.embedded.places import Places
from backend.config.env import ROOT, var_dir

VARIABLES = {"DATABASE_URL": "postgres", "BROKER_URL": "redis"}


@dataclass(frozen=True)
class Membership:
    """Use of one embedded server by the process `pid`."""

    places: Places
    users: FileLock
    pid: int


_memberships: dict[str, Membership] = {}


def ensure_services(*, durable: bool = True) -> None:
    """Give the environment a DATABASE_URL and a BROKER_URL, from embedded servers where none is named.

    durable: False trades safety against power loss for speed, for tests.
    Raises EmbeddedError when a server does not start.
    """
    for variable, name in VARIABLES.items():
        if not os.environ.get(variable):
            os.environ[variable] = join(name, var_dir(), durable=durable)


def join(name: str, var: Path, *, durable: bool = True) -> str:
    """Start the embedded server `name` or join the running one; the url is good until `leave_services` or exit."""
    places = Places(name, var)
    places.log.parent.mkdir(parents=True, exist_ok=True)
    starting = places.lock("start")
    starting.own()
    try:
        users = places.lock("users")
        users.share()  # waits while a guard is stopping the server
        if _free(places, "guard"):
            _start_guard(places, durable=durable)
        url: str = json.loads(places.address.read_text())["url"]
    finally:
        starting.release()
    if not _memberships:
        atexit.register(leave_services)
    _memberships[name] = Membership(places, users, os.getpid())
    return url


def leave_services() -> None:
    """Leave every embedded server this process joined; the last user waits until it has stopped."""
    for variable, name in reversed(VARIABLES.items()):
        membership = _memberships.pop(name, None)
        if membership and membership.pid == os.getpid():  # a forked child leaves its parent's servers alone
            _leave(membership)
            os.environ.pop(variable, None)


def _leave(membership: Membership) -> None:
    places, users = membership.places, membership.users
    stopping = not users.share(wait=False)
    if users.own(wait=False):
        if places.address.exists():
            os.kill(json.loads(places.address.read_text())["guard_pid"], signal.SIGTERM)
        stopping = True
    elif not users.share(wait=False):
        stopping = True  # the guard noticed first
    if stopping:
        guard = places.lock("guard")
        guard.own()
        guard.release()
    users.release()


def _free(places: Places, purpose: str) -> bool:
    lock = places.lock(purpose)
    free = lock.own(wait=False)
    lock.release()
    return free


def _start_guard(places: Places, *, durable: bool) -> None:
    command = [sys.executable, "-m", "backend.config.embedded.guard", places.name, str(places.var)]
    with places.log.open("ab") as log:
        guard = subprocess.Popen(
            command if durable else [*command, "--fast"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    if guard.stdout is None:
        raise EmbeddedError("no pipe to the guard")
    with guard.stdout as pipe:
        said = pipe.read().decode().strip()
    if said != "ready":
        raise EmbeddedError(f"the embedded {places.name} did not start: {said or 'its guard died'}; see {places.log}")
