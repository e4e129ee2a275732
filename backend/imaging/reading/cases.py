"""What every kind of study among the files can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from backend.imaging.dicom.deidentify import Key
from backend.imaging.reading.messages import BuiltMask, BuiltSeries, BuiltStudy, CaseSummary, Fault
from backend.imaging.reading.output import Output
from backend.imaging.reading.protocol import StoredGrid


class Case(Protocol):
    """A study among the files."""

    def summary(self, number: int, key: Key) -> CaseSummary:
        """What the platform may know of it before its pixels are read."""
        ...

    def build(self, *, key: Key, out: Output, max_voxels: int, step: Callable[[int], None]) -> BuiltStudy:
        """Read, code and write its pixels; `step` is told how many files are done. Raises StudyRefused."""
        ...

    def masks_on(
        self, volumes: Sequence[StoredGrid], *, key: Key, out: Output
    ) -> tuple[tuple[BuiltMask, ...], tuple[BuiltSeries, ...], tuple[Fault, ...]]:
        """Segmentations on volumes that are stored already, with their series. Raises StudyRefused."""
        ...
