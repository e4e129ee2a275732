"""What an import tells the person who started it, line by line. No line names a patient, a file or a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from backend.imaging.dicom.procedure import procedure
from backend.imaging.merging import Offer
from backend.imaging.models import Patient, Study
from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.messages import BuiltSeries, BuiltStudy, BuiltVolume, Fault

Level = Literal["ok", "warning", "error"]
LINK = FileRefusal(
    "warning",
    "is a link and was left out",
    "are links and were left out",
    "Import the folder that the links lead to.",
)
TELL = "Try again; if it fails again, send this line to the developers."


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


@dataclass(frozen=True)
class Place:
    """A study among those of the import, as a report calls it: by its number, which names nobody."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"study {self.number} of {self.of}"


def file_lines(refused: Mapping[FileRefusal, int], *, repeats: int, links: int) -> Iterator[Line]:
    """One line for each reason for which files were left out, and for copies."""
    for refusal, count in {**refused, LINK: links}.items():
        if count:
            said = refusal.one if count == 1 else refusal.many
            yield Line(refusal.level, _files(count), f"{_files(count)} {said}.", refusal.action)
    if repeats:
        verb = "is a copy of an image that was" if repeats == 1 else "are copies of images that were"
        yield Line("ok", _files(repeats), f"{_files(repeats)} {verb} read already; each image counts once.")


def nothing_found(*, files: int) -> Line:
    """The line of an import without a single usable file."""
    if files == 0:
        return Line("error", "folder", "The folder is empty.", "Choose the folder that holds the images.")
    return Line(
        "error",
        "folder",
        f"None of {_files(files)} is an image that can be read.",
        "Choose the folder that holds the images.",
    )


def refused_lines(place: Place, faults: Sequence[Fault]) -> list[Line]:
    """Why a study did not come in."""
    return [
        Line("error", str(place), f"Not imported: {fault.subject} {fault.message}.", fault.action) for fault in faults
    ]


def already_here_lines(study: Study, *, different: int) -> list[Line]:
    """A study that is here; different: how many series are not, or not as they came this time."""
    subject = study.patient.pseudonym
    if not different:
        return [Line("ok", subject, "Already imported; nothing was added or changed.")]
    series = "1 series that is" if different == 1 else f"{different} series that are"
    return [
        Line(
            "warning",
            subject,
            f"The study is already imported; {series} new or different this time did not come in.",
            "Import a study with all of its series at once.",
        )
    ]


def twin_line(study: Study) -> Line:
    """The same images came under another identifier."""
    return Line(
        "warning",
        study.patient.pseudonym,
        "The very same images are here already, under another patient identifier; nothing was added or changed.",
        "Nothing, if the identifier was corrected. Else ask where the files come from: two people cannot share images.",
    )


def stored_lines(study: Study, built: BuiltStudy, place: Place, *, partition: str) -> list[Line]:
    """A study that came in; partition: where the import puts new patients."""
    subject = study.patient.pseudonym
    lines = [_summary(subject, built, place)]
    lines += [Line("warning", subject, f"{fault.subject} {fault.message}.", fault.action) for fault in built.warnings]
    if not built.identity.patient_id:
        lines.append(Line("warning", subject, "The files name no patient; the study counts as a patient of its own."))
    if partition and study.patient.partition != partition:
        lines.append(Line("warning", subject, f"The patient is in {study.patient.partition} for good and stays there."))
    return [*lines, deidentified_line(study, built)] if built.deidentified else lines


def deidentified_line(study: Study, built: BuiltStudy) -> Line:
    """What became of the attributes of the study's headers, in figures."""
    counts = Counter(built.deidentified)
    series = "1 series" if len(built.series) == 1 else f"{len(built.series)} series"
    cut = f"{counts['cleaned']} descriptions cleaned ({counts['words cut out']} words cut out)"
    text = (
        f"De-identified by procedure {procedure().version}: in the headers of {series}, {counts['removed']} attributes "
        f"removed, {counts['emptied']} emptied, {counts['kept']} kept, {cut}, {counts['moved']} dates moved, "
        f"{counts['remapped']} identifiers replaced. Names of files and folders are not kept."
    )
    return Line("ok", study.patient.pseudonym, text)


def duplicate_lines(patient: Patient, offers: Iterable[Offer]) -> list[Line]:
    """Who may be the same person as a patient."""
    return [
        Line(
            "warning",
            patient.pseudonym,
            f"May be the same person as {_other(offer, patient).pseudonym}: {offer.reason}.",
            offer.obstacle or "Open the page Studies to merge the two, or to say that they are two people.",
        )
        for offer in offers
    ]


def _other(offer: Offer, patient: Patient) -> Patient:
    return offer.second if offer.first.pk == patient.pk else offer.first


def mask_lines(study: Study, *, new: int, faults: Sequence[Fault]) -> list[Line]:
    """Segmentations that came to a study that was here."""
    subject, lines = study.patient.pseudonym, []
    if new:
        found = "1 segmentation was" if new == 1 else f"{new} segmentations were"
        message = f"The study is already imported; {found} added to it and can be mapped to labels."
        lines.append(Line("ok", subject, message))
    lines += [Line("warning", subject, f"{fault.subject} {fault.message}.", fault.action) for fault in faults]
    return lines or already_here_lines(study, different=0)


def held_line(count: int, *, days: int) -> Line:
    """What becomes of the studies that were refused."""
    studies = "1 study is" if count == 1 else f"{count} studies are"
    return Line(
        "warning",
        "quarantine",
        f"{studies} held in quarantine for {days} days.",
        "Try it again there once its cause is mended, or drop it.",
    )


def cancelled_line(here: int) -> Line:
    """The last line of an import that somebody ended."""
    studies = "1 study that was in stays" if here == 1 else f"{here} studies that were in stay"
    return Line("warning", "import", f"The import was cancelled; {studies}, the rest did not come in.")


def crashed_line(place: Place, error: Exception) -> Line:
    """Where the program failed, without the error's text, which can quote a file."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    spot = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return Line("error", str(place), f"Not imported: the program failed ({type(error).__name__} at {spot}).", TELL)


def _summary(subject: str, built: BuiltStudy, place: Place) -> Line:
    volumes = "; ".join(_described(volume) for volume in built.volumes)
    left = "; ".join(
        f"{_name(series)} is not drawn on: {series.not_drawn_on}" for series in built.series if series.not_drawn_on
    )
    text = ". ".join(part for part in (f"Imported ({place}): {volumes or 'nothing to draw on'}", left) if part)
    return Line("ok" if volumes else "warning", subject, f"{text}.")


def _name(series: BuiltSeries) -> str:
    return "a series without a number" if series.number is None else f"series {series.number}"


def _described(volume: BuiltVolume) -> str:
    shape = "×".join(str(n) for n in volume.geometry.shape_zyx)
    phases = "1 phase" if len(volume.phases) == 1 else f"{len(volume.phases)} phases"
    return f"{'DCE volume' if volume.is_dce else 'volume'} {shape}, {phases}"


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
