"""Whether the web server answers; `python -m backend.config.supervisor.health PORT` says it by its exit status."""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException


def answers(host: str, port: int) -> bool:
    """True when `/health` says 200."""
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=5)  # noqa: S104 - a comparison
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers("127.0.0.1", int(sys.argv[1])))
