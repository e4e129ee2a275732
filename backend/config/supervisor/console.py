"""What the supervisor says, each line with the seconds since its start."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable


class Console:
    """Plain lines on standard output, which may be gone: closing the window must not stop an orderly stop."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def say(self, text: str) -> None:
        """Say it now."""
        try:
            sys.stdout.write(f"[{time.monotonic() - self._start:6.1f} s] {text}\n")
            sys.stdout.flush()
        except (BrokenPipeError, OSError):
            return

    def step(self, name: str, work: Callable[[], None]) -> None:
        """Do `work` and say how long it took."""
        self.say(f"{name} …")
        began = time.monotonic()
        work()
        self.say(f"{name}: ready ({time.monotonic() - began:.1f} s)")
