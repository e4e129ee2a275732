"""The studies among the files of an import, whatever they are written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from backend.imaging.dicom.deidentify import Key
from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.headers import Refusal
from backend.imaging.dicom.scan import scan
from backend.imaging.reading.cases import Case
from backend.imaging.reading.dicom_study import DicomCase
from backend.imaging.reading.limits import FILE_CPU_S, SURVEY_BYTES, allow, allow_time
from backend.imaging.reading.protocol import RefusedFiles, Surveyed
from backend.imaging.reading.refusals import REFUSALS


def survey(files: Sequence[tuple[str, str]], key: Key, *, at: Callable[[int], None]) -> tuple[list[Case], Surveyed]:
    """The cases, and what may be told of them. `at` is told the place of each file before it is opened."""

    def begin(place: int) -> None:
        allow_time(FILE_CPU_S)
        at(place)

    allow(memory_bytes=SURVEY_BYTES, cpu_s=FILE_CPU_S)
    paths = [Path(path) for path, _ in files]
    found = scan(paths, at=begin)
    places = {path: place for place, path in enumerate(paths)}
    cases: list[Case] = [DicomCase(study, places) for study in group(found.headers)]
    summaries = tuple(case.summary(number, key) for number, case in enumerate(cases))
    return cases, Surveyed(summaries, _counted(found.refused.values()), found.repeats)


def _counted(refused: Iterable[Refusal]) -> tuple[RefusedFiles, ...]:
    counts = Counter(refused)
    return tuple(RefusedFiles(said, counts[reason]) for reason, said in REFUSALS.items() if counts[reason])
