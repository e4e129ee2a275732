"""One run's process: its own process group, progress on standard output, everything else in the log."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from ml.contracts import Progress, from_json

logger = logging.getLogger(__name__)

_BLOCK_BYTES = 1 << 16


class Child:
    """A started process. Poll `lines` and `exit_code`; end it with `terminate`, then `kill`."""

    def __init__(
        self, command: Sequence[str], *, log: Path, folder: Path, before_exec: Callable[[], None] | None = None
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=before_exec,  # noqa: PLW1509 - a supervisor has one thread
            )
        self._rest = b""
        self.last: Progress | None = None
        if self._process.stdout is not None:
            self._output = self._process.stdout.fileno()
            os.set_blocking(self._output, False)

    @property
    def pid(self) -> int:
        """Process id, and id of the group."""
        return self._process.pid

    def lines(self) -> list[Progress]:
        """Progress since the last call. A line that is none is left out; the run's own log says more."""
        self._rest += self._read()
        *whole, self._rest = self._rest.split(b"\n")
        told = [line for text in whole if (line := _parse(text)) is not None]
        self.last = told[-1] if told else self.last
        return told

    def exit_code(self) -> int | None:
        """None while the process lives; negative for the signal that ended it. Its workers end with it."""
        code = self._process.poll()
        if code is not None:
            self.kill()
        return code

    def terminate(self) -> None:
        """Ask the process to stop; it puts aside what it needs to go on."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group at once."""
        self._signal(signal.SIGKILL)

    def wait(self, timeout_s: float) -> bool:
        """True when the process ended within the time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        self.kill()
        return True

    def close(self) -> None:
        """Give the pipe back."""
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            logger.debug("child.gone pid=%s", self.pid)

    def _read(self) -> bytes:
        blocks = []
        while True:
            try:
                block = os.read(self._output, _BLOCK_BYTES)
            except BlockingIOError:
                break
            if not block:
                break
            blocks.append(block)
        return b"".join(blocks)


def _parse(text: bytes) -> Progress | None:
    try:
        return from_json(Progress, text.decode())
    except ValueError:
        logger.warning("child.line_is_no_progress bytes=%s", len(text))
        return None
