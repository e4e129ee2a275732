"""`python -m backend.config.supervisor.sentinel NOTE S`: ends the children of a killed supervisor.

Children are told by the kernel, and get S seconds to end in order. Standard input is a pipe that nobody writes to; it
ends with the supervisor, however that happens.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from backend.config.env import ROOT
from backend.config.supervisor.child import kill_group
from backend.config.supervisor.remains import Remains

PATIENCE_S = 15.0


class Sentinel:
    """The running sentinel, from the supervisor's side."""

    def __init__(self, remains: Remains, patience_s: float = PATIENCE_S) -> None:
        command = [sys.executable, "-m", "backend.config.supervisor.sentinel", str(remains.path), str(patience_s)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True)

    def dismiss(self) -> None:
        """Let it go, when every child has ended and the note is gone."""
        self._process.communicate()


def main(note: str, patience_s: str) -> None:
    """Wait for the supervisor's end, then for its children's, then end them."""
    sys.stdin.buffer.read()
    left = Remains(Path(note)).running()  # read once: a next supervisor may soon note other children
    deadline = time.monotonic() + float(patience_s)
    while any(child.runs for child in left) and time.monotonic() < deadline:
        time.sleep(0.2)
    for child in left:
        if child.runs:
            kill_group(child.pid)


if __name__ == "__main__":
    main(*sys.argv[1:])
