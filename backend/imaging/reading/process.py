"""The reading process as the platform holds it: started bare, asked, and ended when it does not answer."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import IO

from backend.imaging.reading import protocol

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
MAX_LINE_BYTES = 64 * 2**20
BLOCK_BYTES = 2**18
ENDING_S = 5.0
# Threads of libraries only get in the way of the two that decode; arenas of memory are held per thread.
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "PATH": os.defpath,
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}


class Loss(StrEnum):
    """Why a reading process is no more, ready to follow "the program that reads it"."""

    ENDED = "broke down"
    MEMORY = "needed more memory than it may have"
    TIME = "took more time than it may have"
    SILENCE = "did not come to an end"
    NONSENSE = "gave an answer that cannot be used"


class ProcessLost(Exception):
    """The process ended, or was ended, before it answered."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.value)
        self.loss = loss


class ReadingProcess:
    """A started process. folder: where it works and may leave temporary files."""

    def __init__(self, folder: Path, *, memory_bytes: int, command: tuple[str, ...] = ()) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            command or (sys.executable, "-s", "-m", "backend.imaging.reading", str(memory_bytes)),
            cwd=ROOT,
            env={**ENVIRONMENT, "TMPDIR": str(folder), "HOME": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,
            bufsize=0,
        )
        self._lines: deque[bytes] = deque()
        self._rest = b""

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def ask(
        self,
        command: protocol.Command,
        *,
        silence_s: float,
        limit_s: float,
        heard: Callable[[protocol.Event], None],
    ) -> protocol.Answer:
        """Send a command and wait for its answer; `heard` gets what the process tells meanwhile.

        Raises ProcessLost when it ends, says nothing for `silence_s`, needs more than `limit_s`, or talks nonsense.
        """
        ends_at = time.monotonic() + limit_s
        unsent = memoryview(protocol.encode(command))
        while True:
            line, unsent = self._exchange(unsent, min(silence_s, ends_at - time.monotonic()))
            if line is None:
                continue
            message = self._read(line)
            if isinstance(message, protocol.Event):
                heard(message)
            elif isinstance(message, protocol.Failed) and message.error == MemoryError.__name__:
                raise self._lost(Loss.MEMORY)
            else:
                return message

    def close(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _exchange(self, unsent: memoryview, timeout_s: float) -> tuple[bytes | None, memoryview]:
        """One line, when one is there, or one step of writing or reading; what is left to send."""
        if self._lines:
            return self._lines.popleft(), unsent
        with selectors.DefaultSelector() as ready:
            ready.register(self._pipe(self._process.stdout), selectors.EVENT_READ)
            if unsent:
                ready.register(self._pipe(self._process.stdin), selectors.EVENT_WRITE)
            events = {key.fd for key, _ in ready.select(max(timeout_s, 0))}
        if not events:
            raise self._lost(Loss.SILENCE)
        if self._pipe(self._process.stdout) in events:
            self._receive()
        elif unsent:
            unsent = self._send(unsent)
        return None, unsent

    def _receive(self) -> None:
        block = os.read(self._pipe(self._process.stdout), BLOCK_BYTES)
        if not block:
            raise self._lost(Loss.ENDED)
        *lines, self._rest = (self._rest + block).split(b"\n")
        self._lines.extend(lines)
        if len(self._rest) > MAX_LINE_BYTES:
            raise self._lost(Loss.NONSENSE)

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(self._pipe(self._process.stdin), unsent[: select.PIPE_BUF]) :]
        except BrokenPipeError:
            raise self._lost(Loss.ENDED) from None

    def _read(self, line: bytes) -> protocol.Event | protocol.Answer:
        try:
            return protocol.answer_of(line)
        except (ValueError, TypeError):
            raise self._lost(Loss.NONSENSE) from None

    def _lost(self, loss: Loss) -> ProcessLost:
        """End the process and say why it is gone; its own words stay unread, since they can quote a file."""
        if loss is not Loss.ENDED:
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_S)
        self._process.kill()
        code = self._process.wait()
        if loss is Loss.ENDED and code == -signal.SIGXCPU:
            loss = Loss.TIME
        logger.warning(
            "reading.lost pid=%s reason=%s code=%s errors_bytes=%s",
            self.pid,
            loss.name.lower(),
            code,
            os.fstat(self._errors.fileno()).st_size,
        )
        self.close()
        return ProcessLost(loss)

    @staticmethod
    def _pipe(stream: IO[bytes] | None) -> int:
        if stream is None:  # both are pipes
            raise ValueError("need a pipe")
        return stream.fileno()
