"""The headers of a case's files, each by the reader of its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats import mha, nifti, npy, nrrd
from backend.imaging.formats.layout import Layout, Turned, turned
from backend.imaging.formats.names import Named
from backend.imaging.reading.messages import Fault, SourceFile

READERS: Mapping[str, Callable[[Path], Layout]] = {
    "nifti": nifti.read_layout,
    "nrrd": nrrd.read_layout,
    "mha": mha.read_layout,
    "npy": npy.read_layout,
}


@dataclass(frozen=True)
class Member:
    """A file of a case. index: its place in the list of all files."""

    index: int
    file: SourceFile
    named: Named


@dataclass(frozen=True)
class Opened:
    """A file whose header was read. subject: how a report calls it. place: among the images or masks of its case."""

    member: Member
    place: int
    subject: str
    layout: Layout
    turn: Turned

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.member.file.path

    @property
    def named(self) -> Named:
        """What its name says."""
        return self.member.named


def open_members(members: Sequence[Member], word: str) -> tuple[list[Opened], list[Fault]]:
    """Files whose headers can be used, and what is wrong with the others. word: `image` or `label map`."""
    opened, faults = [], []
    for place, member in enumerate(members):
        subject = (
            f"{word} {place + 1} of {len(members)} in the order of their names" if len(members) > 1 else f"the {word}"
        )
        try:
            layout = READERS[member.named.kind](member.file.path)
            opened.append(Opened(member, place, subject, layout, turned(layout)))
        except Defect as defect:
            faults.append(Fault(subject, defect.message, defect.action))
    return opened, faults
