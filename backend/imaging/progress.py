"""How far an import is: into its row now and then, and to whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backend.imaging.models import ImportRun
from backend.imaging.reports import Line

WRITE_EVERY_S = 0.5


@dataclass(frozen=True)
class Progress:
    """files_done of files_total; line: a new line of the report; place: where its files lie, for the console alone."""

    files_done: int
    files_total: int
    line: Line | None = None
    place: Path | None = None


Listener = Callable[[Progress], None]


class Tracker:
    """Counts files and collects the report of one import."""

    def __init__(self, run: ImportRun, listener: Listener | None) -> None:
        self.run = run
        self._listener = listener
        self._written_at = 0.0
        run.files_done, run.report = 0, []

    def begin(self, files_total: int) -> None:
        """The number of files is known."""
        self.run.files_total = files_total
        self._write()

    def step(self, files: int = 1) -> None:
        """Files are done."""
        self.run.files_done = min(self.run.files_done + files, self.run.files_total)
        if time.monotonic() - self._written_at > WRITE_EVERY_S:
            self._write()
            self._tell(Progress(self.run.files_done, self.run.files_total))

    def say(self, line: Line, *, place: Path | None = None) -> None:
        """Add a line to the report."""
        self.run.report.append(line.to_json())
        self._write()
        self._tell(Progress(self.run.files_done, self.run.files_total, line, place))

    def finish(self, state: ImportRun.State) -> None:
        """The import ended."""
        self.run.state = state
        self.run.files_done = self.run.files_total
        self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        self.run.save(update_fields=["state", "files_total", "files_done", "report", "updated_at"])

    def _tell(self, progress: Progress) -> None:
        if self._listener is not None:
            self._listener(progress)
