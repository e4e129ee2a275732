"""What an import tells the person who started it, line by line. No line names a patient, a file or a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from backend.imaging.dicom.headers import Refusal
from backend.imaging.dicom.scan import Scan

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Line:
    """subject: what it speaks of; message: what happened; action: what to do, empty when nothing."""

    level: Level
    subject: str
    message: str
    action: str = ""

    def to_json(self) -> dict[str, str]:
        """As stored in a report."""
        return asdict(self)


# For each reason: level, what follows "1 file" and "n files", and what to do.
REFUSALS: dict[Refusal, tuple[Level, str, str, str]] = {
    Refusal.NOT_DICOM: (
        "warning",
        "is not DICOM and was left out",
        "are not DICOM and were left out",
        "Nothing, unless an image is among them.",
    ),
    Refusal.ARCHIVE: (
        "error",
        "is a zip archive inside of the folder and was not opened",
        "are zip archives inside of the folder and were not opened",
        "Unpack it and import again, or upload the zip alone.",
    ),
    Refusal.DEFLATED: (
        "error",
        "is deflated as a whole, which is refused for safety",
        "are deflated as a whole, which is refused for safety",
        "Export uncompressed (Explicit VR Little Endian), and import again.",
    ),
    Refusal.DAMAGED: (
        "error",
        "is damaged: its header cannot be read",
        "are damaged: their headers cannot be read",
        "Copy the files again from their source, and import again.",
    ),
    Refusal.WITHOUT_IDS: (
        "error",
        "is DICOM without the identifiers of its study, series or image",
        "are DICOM without the identifiers of their study, series or image",
        "The file may be cut short: copy it again from its source, and import again.",
    ),
    Refusal.LINK: (
        "warning",
        "is a link and was left out",
        "are links and were left out",
        "Import the folder that the links lead to.",
    ),
}


def file_lines(scan: Scan, *, links: int) -> Iterator[Line]:
    """One line for each reason for which files were left out, and for copies."""
    counts = {**scan.refused, Refusal.LINK: links}
    for refusal, (level, one, many, action) in REFUSALS.items():
        count = counts.get(refusal, 0)
        if count:
            yield Line(level, _files(count), f"{_files(count)} {one if count == 1 else many}.", action)
    if scan.repeats:
        verb = "is a copy of an image that was" if scan.repeats == 1 else "are copies of images that were"
        yield Line("ok", _files(scan.repeats), f"{_files(scan.repeats)} {verb} read already; each image counts once.")


def nothing_found(*, files: int) -> Line:
    """The line of an import without a single usable file."""
    if files == 0:
        return Line("error", "folder", "The folder is empty.", "Choose the folder that holds the DICOM files.")
    return Line(
        "error",
        "folder",
        f"None of {_files(files)} is a usable DICOM file.",
        "Choose the folder that holds the images.",
    )


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
