"""What a killed supervisor leaves behind: the process groups of its children, noted on disk."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from backend.config.supervisor.child import kill_group

GONE_AFTER_S = 10.0
"""Seconds in which the kernel surely has taken a killed process's ports and files back."""


@dataclass(frozen=True)
class Noted:
    """A process, known by its id and its time of birth (seconds since 1970): an id alone is given again."""

    pid: int
    created: float

    @property
    def runs(self) -> bool:
        """Whether it still does; one that only waits to be buried holds no port."""
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.created) < 1 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


@dataclass(frozen=True)
class Remains:
    """The note at `path`."""

    path: Path

    def write(self, pids: Sequence[int]) -> None:
        """Note the running children."""
        children = []
        for pid in pids:
            try:
                children.append(Noted(pid, psutil.Process(pid).create_time()))
            except psutil.NoSuchProcess:
                continue
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".aside")
        aside.write_text(json.dumps([asdict(child) for child in children]))
        aside.replace(self.path)

    def running(self) -> list[Noted]:
        """What is noted and still runs."""
        if not self.path.exists():
            return []
        return [child for child in (Noted(**row) for row in json.loads(self.path.read_text())) if child.runs]

    def clear(self) -> int:
        """Kill what is noted and still runs, and wait until it is gone; returns how many groups."""
        left = self.running()
        for child in left:
            kill_group(child.pid)
        end = time.monotonic() + GONE_AFTER_S
        while any(child.runs for child in left) and time.monotonic() < end:
            time.sleep(0.02)
        self.path.unlink(missing_ok=True)
        return len(left)
