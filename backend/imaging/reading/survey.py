"""The studies among the files of an import, whatever they are written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backend.imaging.dicom.deidentify import Key
from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.headers import Refusal
from backend.imaging.dicom.scan import scan
from backend.imaging.formats import find_cases
from backend.imaging.reading.cases import Case
from backend.imaging.reading.dicom_study import DicomCase
from backend.imaging.reading.faults import FileRefusal
from backend.imaging.reading.limits import FILE_CPU_S, STUDY_CPU_S, SURVEY_BYTES, allow, allow_time
from backend.imaging.reading.messages import SourceFile
from backend.imaging.reading.protocol import RefusedFiles, Surveyed
from backend.imaging.reading.refusals import REFUSALS

MAYBE_OTHER = {Refusal.NOT_DICOM, Refusal.ARCHIVE}  # an archive of arrays is a zip too


def survey(files: Sequence[tuple[str, str]], key: Key, *, at: Callable[[int], None]) -> tuple[list[Case], Surveyed]:
    """The cases, and what may be told of them. `at` is told the place of each file before it is opened."""

    def begin(place: int) -> None:
        allow_time(FILE_CPU_S)
        at(place)

    allow(memory_bytes=SURVEY_BYTES, cpu_s=FILE_CPU_S)
    sources = [SourceFile(Path(path), name) for path, name in files]
    by_name = find_cases(sources)
    for case in by_name.cases:
        case.read_digests(at=begin)
    told = {place for case in by_name.cases for place in case.places}
    places = [place for place in range(len(files)) if place not in told]
    found = scan([sources[place].path for place in places], at=lambda n: begin(places[n]))
    at(len(files))  # every file was opened: no single one is to blame for what comes
    allow_time(STUDY_CPU_S)
    at_path = {sources[place].path: place for place in places}
    cases: list[Case] = [DicomCase(study, at_path) for study in group(found.headers)]
    cases += by_name.cases
    summaries = tuple(case.summary(number, key) for number, case in enumerate(cases))
    refused = {places[n]: refusal for n, refusal in found.refused.items()}
    return cases, Surveyed(summaries, _counted(refused, by_name.refused), found.repeats)


def _counted(refused: Mapping[int, Refusal], by_name: Mapping[int, FileRefusal]) -> tuple[RefusedFiles, ...]:
    """How many files were left out for each reason. What a name says counts where a file is no DICOM after all."""
    by_name = {n: by_name[n] for n, reason in refused.items() if reason in MAYBE_OTHER and n in by_name}
    others = Counter(reason for n, reason in refused.items() if n not in by_name)
    counted = [RefusedFiles(said, others[reason]) for reason, said in REFUSALS.items() if others[reason]]
    return (*counted, *(RefusedFiles(said, files) for said, files in Counter(by_name.values()).items()))
