"""What a killed supervisor left behind: the process groups of its children, noted on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend.config.supervisor.child import kill_group


@dataclass(frozen=True)
class Remains:
    """The note at `path`: process id and start time of every child."""

    path: Path

    def write(self, pids: Sequence[int]) -> None:
        """Note the running children."""
        children = []
        for pid in pids:
            try:
                children.append({"pid": pid, "created": psutil.Process(pid).create_time()})
            except psutil.NoSuchProcess:
                continue
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".aside")
        aside.write_text(json.dumps(children))
        aside.replace(self.path)

    def clear(self) -> int:
        """Kill what the note names and still runs; returns how many groups."""
        killed = 0
        for child in json.loads(self.path.read_text()) if self.path.exists() else []:
            try:
                same = abs(psutil.Process(child["pid"]).create_time() - child["created"]) < 1
            except psutil.NoSuchProcess:
                continue
            if same:  # a process id is given again after a while; the time of birth is not
                kill_group(child["pid"])
                killed += 1
        self.path.unlink(missing_ok=True)
        return killed
