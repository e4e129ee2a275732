"""What the reading process made, with the folder in which its files lie until they are taken into the store."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from backend.core import blobs
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import BuiltMask, BuiltSeries, BuiltStudy, Fault

NOT_WHOLE = Fault(
    "the program that reads it",
    "left files that are not what it told",
    "Try again; if it fails again, send this line to the developers.",
)


@dataclass(frozen=True)
class _Built:
    files: blobs.Adoption

    @property
    def digests(self) -> set[str]:
        """Every file that belongs to it."""
        raise NotImplementedError

    def keep(self) -> None:
        """Take its files into the store. Raises StudyRefused when they are not what was told, StorageFull."""
        try:
            self.files.take(self.digests)
        except ValueError:
            raise StudyRefused((NOT_WHOLE,)) from None
        finally:
            self.files.close()
            shutil.rmtree(self.files.folder, ignore_errors=True)


@dataclass(frozen=True)
class BuiltCase(_Built):
    """A study."""

    study: BuiltStudy

    @property
    def digests(self) -> set[str]:
        """Blocks, pictures and bit maps."""
        volumes = self.study.volumes
        chunks = {chunk for volume in volumes for phase in volume.phases for chunk in phase.chunks}
        pictures = {digest for volume in volumes for digest in (volume.thumbnail, volume.projection) if digest}
        return chunks | pictures | {mask.content for mask in self.study.masks}


@dataclass(frozen=True)
class BuiltMasks(_Built):
    """Segmentations of volumes that are stored already, their series, and why others are not among them."""

    masks: tuple[BuiltMask, ...]
    series: tuple[BuiltSeries, ...]
    faults: tuple[Fault, ...]

    @property
    def digests(self) -> set[str]:
        """Bit maps."""
        return {mask.content for mask in self.masks}
