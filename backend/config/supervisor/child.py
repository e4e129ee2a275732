"""One watched process: how to start it, how to stop it, and what its deaths mean."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from backend.core.processes import die_with_parent

QUICK_DEATH_S = 10.0
LONGEST_PAUSE_S = 8.0
KEPT_LOG_BYTES = 20_000_000


@dataclass(frozen=True)
class ChildSpec:
    """A process to keep running.

    stops: signals to send in turn, each with the seconds to wait for it; after the last one the whole group is killed.
    once: it may end by itself.
    to_console: its output goes to the console rather than to a log.
    """

    name: str
    command: Sequence[str]
    stops: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, 10.0),)
    once: bool = False
    to_console: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


class Child:
    """A `ChildSpec` with its process, in a process group of its own."""

    def __init__(self, spec: ChildSpec, log_folder: Path) -> None:
        self.spec = spec
        self.log = log_folder / f"{spec.name}.log"
        self.quick_deaths = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._group_killed = False
        self._stops = list(spec.stops)
        self._stop_deadline = 0.0

    def start(self) -> None:
        """Start it; the kernel ends it should we be killed."""
        self._started_at = time.monotonic()
        self._group_killed = False
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > KEPT_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.spec.command),
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.spec.variables},
                stdin=subprocess.DEVNULL,
                stdout=None if self.spec.to_console else log,
                stderr=None if self.spec.to_console else log,
                start_new_session=True,
                preexec_fn=die_with_parent(self.spec.stops[-1][0]),  # noqa: PLW1509 - the supervisor has one thread
            )

    @property
    def exit_status(self) -> int | None:
        """None while it runs, and before it was started."""
        return None if self.process is None else self.process.poll()

    def pause_after_death_s(self) -> float:
        """Count this death and say how long to wait before the next start."""
        lived_s = time.monotonic() - self._started_at
        self.quick_deaths = self.quick_deaths + 1 if lived_s < QUICK_DEATH_S else 1
        return float(min(0.5 * 2 ** (self.quick_deaths - 1), LONGEST_PAUSE_S))

    def ask_to_stop(self) -> bool:
        """Take the next step towards its end when its time has come. True once it has ended."""
        if self.process is None or self.process.poll() is not None:
            self.kill_group()
            return True
        if time.monotonic() >= self._stop_deadline:
            if self._stops:
                number, patience_s = self._stops.pop(0)
                self._stop_deadline = time.monotonic() + patience_s
                self.process.send_signal(number)
            else:
                self.kill_group()
        return False

    def kill_group(self) -> None:
        """Kill it and what is left of its process group: once it has ended, only once, since its id is free again."""
        if self.process is not None and not self._group_killed:
            self._group_killed = self.process.poll() is not None
            kill_group(self.process.pid)

    def log_tail(self, lines: int = 15) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def kill_group(group: int) -> None:
    """SIGKILL to every process of a group that may be gone."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_descendants() -> list[int]:
    """Kill and reap every process below this one; returns their ids."""
    left = psutil.Process().children(recursive=True)
    for process in left:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(left, timeout=5)
    return [process.pid for process in left]
