"""`python -m backend.config.embedded.guard postgres|redis VAR [--fast]`: run one server for as long as it has users.

Says `ready` or the reason on standard output, then closes it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.places import Places
from backend.config.embedded.postgres import Postgres
from backend.config.embedded.redis import Redis
from backend.config.embedded.server import Server

LOOK_EVERY_S = 0.2
SERVERS: dict[str, type[Server]] = {"postgres": Postgres, "redis": Redis}


def main(name: str, var: str, *flags: str) -> int:
    """Start the server, watch it, stop it."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    places = Places(name, Path(var))
    places.lock("guard").own()  # until this process is gone; opened first, so that it is closed before the users' lock
    server = SERVERS[name](places, durable="--fast" not in flags)
    try:
        server.start()
        _publish(places, server.url)
        _say("ready")
        _watch(places, server, stop)
    except (EmbeddedError, OSError) as error:
        _say(str(error))
        return 1
    finally:
        places.address.unlink(missing_ok=True)
        server.stop()
    return 0


def _say(line: str) -> None:
    """To whoever started us, until the first line; then to the log."""
    if sys.stdout.closed:
        sys.stderr.write(f"{line}\n")
    else:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        os.dup2(2, 1)  # they read until the end of the pipe
        sys.stdout.close()


def _publish(places: Places, url: str) -> None:
    aside = places.address.with_suffix(".aside")
    aside.write_text(json.dumps({"url": url, "guard_pid": os.getpid()}))
    aside.replace(places.address)


def _watch(places: Places, server: Server, stop: threading.Event) -> None:
    users = places.lock("users")  # owned from the moment nobody shares it until this process ends
    while not stop.wait(LOOK_EVERY_S) and not users.own(wait=False):
        if not server.alive():
            server.start()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
