"""What every embedded server has in common: a child process, a log, a wait until it answers, a clean stop."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

import psutil

from backend.config.embedded.errors import EmbeddedError
from backend.config.embedded.places import Places
from backend.core.processes import die_with_parent

START_LIMIT_S = 60.0  # a crash recovery replays the write-ahead log before it answers
STOP_LIMIT_S = 30.0


class Server(ABC):
    """One embedded server; `places` says where its files are."""

    stop_signal: signal.Signals = signal.SIGTERM
    pid_file: str

    def __init__(self, places: Places, *, durable: bool) -> None:
        self.places = places
        self.durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Address for Django or Celery."""

    @abstractmethod
    def _prepare(self) -> None:
        """Make the state folder ready."""

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def start(self) -> None:
        """Start and wait until it answers. Raises EmbeddedError with the log's last line."""
        self.places.log.parent.mkdir(parents=True, exist_ok=True)
        self._prepare()
        self._stop_orphan()
        with self.places.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.places.state,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(self.stop_signal),  # noqa: PLW1509 - the guard has one thread
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not self._answers():
            if not self.alive() or time.monotonic() > deadline:
                raise EmbeddedError(last_line(self.places.log))
            time.sleep(0.02)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop cleanly; kill after a while."""
        if self._process is not None:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self.places.socket_folder(), ignore_errors=True)

    def _stop_orphan(self) -> None:
        """End a server that outlived its guard, and forget a process id that power loss left behind."""
        path = self.places.state / self.pid_file
        if not path.exists():
            return
        orphan = _server_in(self.places.state, path.read_text().split("\n", 1)[0].strip())
        if orphan is not None:
            orphan.send_signal(self.stop_signal)
            try:
                orphan.wait(STOP_LIMIT_S)
            except psutil.TimeoutExpired:
                orphan.kill()
                orphan.wait()
        path.unlink(missing_ok=True)


def _server_in(folder: Path, pid: str) -> psutil.Process | None:
    """The process `pid` if it works in `folder`: the id alone may belong to somebody else by now."""
    try:
        process = psutil.Process(int(pid))
        return process if Path(process.cwd()) == folder else None
    except (ValueError, psutil.Error):
        return None


def last_line(log: Path) -> str:
    """The last line of a log, for a message."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"{log} is empty"
