"""What every step of a run is given: where to report progress, and whether to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ml.contracts import Progress
from ml.nnunet.errors import Stopped

Report = Callable[[Progress], None]

WORK = "work"
"""Folder inside a run's output folder for what is only needed until the result is written."""


class StopFlag:
    """Set by a signal, looked at between two pieces of work."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def request(self, reason: str) -> None:
        """Ask the run to stop; the first reason is kept."""
        self._reason = self._reason or reason

    @property
    def is_set(self) -> bool:
        """True once a stop was asked for."""
        return self._reason is not None

    def check(self) -> None:
        """Raises Stopped once a stop was asked for."""
        if self._reason is not None:
            raise Stopped(self._reason)


@dataclass
class Pace:
    """Estimates the time left from the units of work done since `start`, a reading of `clock`.

    total: units of the whole; skipped: units that an earlier attempt had done.
    """

    total: float
    skipped: float = 0.0
    clock: Callable[[], float] = time.monotonic
    start: float = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.clock()

    def fraction(self, done: float) -> float:
        """Share of the units that are done, 0 to 1."""
        return min(1.0, done / self.total) if self.total > 0 else 1.0

    def seconds_left(self, done: float) -> float | None:
        """None until a unit of this attempt is done."""
        worked = done - self.skipped
        if worked <= 0:
            return None
        return round((self.clock() - self.start) / worked * max(0.0, self.total - done), 1)
