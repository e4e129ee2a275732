"""Keep children running until told to stop."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from backend.config.supervisor.child import Child, ChildSpec
from backend.config.supervisor.remains import Remains

LOOK_EVERY_S = 0.1
MOST_QUICK_DEATHS = 5

Say = Callable[[str], None]


class GaveUp(Exception):
    """A child died so often and so quickly that starting it again makes no sense; the message carries its log's end."""


class Watch:
    """The running children. `stop` may be set at any time, from a signal; `hurry` skips the patience."""

    def __init__(self, *, log_folder: Path, remains: Remains, say: Say) -> None:
        self.stop = threading.Event()
        self.hurry = threading.Event()
        self._log_folder = log_folder
        self._remains = remains
        self._say = say
        self._children: list[Child] = []
        self._due: dict[str, float] = {}

    def start(self, specs: Sequence[ChildSpec]) -> None:
        """Start further children."""
        for spec in specs:
            child = Child(spec, self._log_folder)
            self._children.append(child)
            self._start(child)

    def run_until(self, done: Callable[[], bool]) -> bool:
        """Watch until `done()` or a stop; True when done. Raises GaveUp."""
        while not self.stop.is_set():
            self._look()
            if done():
                return True
            self.stop.wait(LOOK_EVERY_S)
        return False

    def run_once(self, spec: ChildSpec) -> int | None:
        """Run one child to its end beside the others; its exit status, None when stopped before. Raises GaveUp."""
        child = Child(spec, self._log_folder)
        self._children.append(child)
        self._start(child)
        return child.exit_status if self.run_until(lambda: child.exit_status is not None) else None

    def stop_all(self) -> None:
        """Stop every child, all at once and each in its own way, and whatever they started."""
        self._due.clear()
        while [child for child in self._children if not child.ask_to_stop()] and not self.hurry.is_set():
            time.sleep(LOOK_EVERY_S / 2)
        for child in self._children:
            child.kill_group()
        for child in self._children:
            if child.process is not None:
                child.process.wait()

    def _start(self, child: Child) -> None:
        child.start()
        self._note_remains()

    def _look(self) -> None:
        for child in self._children:
            if child.spec.name in self._due:
                if time.monotonic() >= self._due[child.spec.name]:
                    del self._due[child.spec.name]
                    self._start(child)
            elif child.exit_status is not None and not child.spec.once:
                self._died(child)
        _reap_adopted({child.process.pid for child in self._children if child.process})

    def _died(self, child: Child) -> None:
        child.kill_group()
        pause_s = child.pause_after_death_s()
        how = _how_it_ended(child.exit_status or 0)
        if child.quick_deaths >= MOST_QUICK_DEATHS:
            name, deaths = child.spec.name, child.quick_deaths
            raise GaveUp(f"{name} {how}, {deaths} times in a row. The end of its log {child.log}:\n{child.log_tail()}")
        self._say(f"{child.spec.name} {how}; starting it again in {pause_s:g} s (log: {child.log})")
        self._due[child.spec.name] = time.monotonic() + pause_s

    def _note_remains(self) -> None:
        self._remains.write(
            [child.process.pid for child in self._children if child.process and child.process.poll() is None]
        )


def _how_it_ended(status: int) -> str:
    return f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"


def _reap_adopted(own: set[int]) -> None:
    """Bury dead orphans: Linux hands us our children's, and nobody else waits for them."""
    for process in psutil.Process().children():
        try:
            if process.pid not in own and process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)
        except (psutil.NoSuchProcess, ChildProcessError):
            continue
