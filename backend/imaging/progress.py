"""How far an import is: into its row now and then, and to whoever listens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from backend.imaging.models import ImportRun
from backend.imaging.reports import Line

WRITE_EVERY_S = 0.5
LOOK_EVERY_S = 1.0


class Cancelled(Exception):
    """Somebody wants the import to end."""


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
        self._written_at = self._looked_at = 0.0
        run.files_done, run.report, run.state = 0, [], ImportRun.State.RUNNING
        run.started_at = timezone.now()
        self._write()

    def begin(self, files_total: int) -> None:
        """The number of files is known."""
        self.run.files_total = files_total
        self._write()

    def check_cancelled(self, *, often: bool = False) -> None:
        """Raises Cancelled when somebody asked for it. often: called so often that most times nothing is looked up."""
        if often and time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        if ImportRun.objects.filter(pk=self.run.pk, cancelling=True).exists():
            raise Cancelled

    def step(self, files: int = 1) -> None:
        """Files are done. Raises Cancelled."""
        self.check_cancelled(often=True)
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
        if state != ImportRun.State.CANCELLED:
            self.run.files_done = self.run.files_total
        self._write()

    def _write(self) -> None:
        self._written_at = time.monotonic()
        self.run.save(update_fields=["state", "started_at", "files_total", "files_done", "report", "updated_at"])

    def _tell(self, progress: Progress) -> None:
        if self._listener is not None:
            self._listener(progress)
