"""A line between the browser and the server that can break."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

PIECE_BYTES = 64 * 1024


class Line:
    """Passes connections on from a port of its own."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._broken = False
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """The address that the browser opens."""
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection, and let no other one through."""
        self._broken = True
        while self._ends:
            _hang_up(self._ends.pop())

    def mend(self) -> None:
        """Let connections through again."""
        self._broken = False

    def close(self) -> None:
        """The end of the line."""
        self.cut()
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._door.accept()
                if self._broken:
                    here.close()
                    continue
                there = socket.create_connection(self._server)
                self._ends += [here, there]
                threading.Thread(target=self._pass_on, args=(here, there), daemon=True).start()
                threading.Thread(target=self._pass_on, args=(there, here), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE_BYTES):
                target.sendall(piece)
        _hang_up(source)
        _hang_up(target)


def _hang_up(end: socket.socket) -> None:
    """Closing alone would leave a thread waiting that reads from it."""
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
