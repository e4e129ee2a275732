"""An import from its files to its report: whatever cannot come in is told, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

from backend.core.errors import Conflict, InvalidInput, StorageFull
from backend.core.jobs import enqueue
from backend.imaging.importer import dated_as, find_study, new_or_changed, store_study
from backend.imaging.keys import key_of
from backend.imaging.merging import possible_duplicates
from backend.imaging.models import ImportRun
from backend.imaging.progress import Listener, Tracker
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.messages import BuiltStudy, CaseSummary, SourceFile
from backend.imaging.reading.reader import FoundCases, Reader, ReadingFailed
from backend.imaging.reports import (
    Line,
    Place,
    already_here_lines,
    crashed_line,
    duplicate_lines,
    file_lines,
    nothing_found,
    refused_lines,
    stored_lines,
)
from backend.imaging.sources import files_below

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """One import on its way: whom to tell, who reads, and the files."""

    tracker: Tracker
    reader: Reader
    files: Sequence[SourceFile]

    @property
    def run(self) -> ImportRun:
        """The row of the import."""
        return self.tracker.run


def import_files(
    run: ImportRun,
    folder: Path,
    listener: Listener | None = None,
    *,
    first_lines: Sequence[Line] = (),
) -> None:
    """Import everything below the folder into the run's project. Safe to repeat: what is here already stays as it is.

    first_lines: what the report begins with.
    Raises InvalidInput when the folder is not there.
    """
    if not folder.is_dir():
        raise InvalidInput("There is no such folder; check the path.")
    tracker = Tracker(run, listener)
    run.state = ImportRun.State.RUNNING
    with Reader(key_of(run.project)) as reader:
        files, links = files_below(folder, numbered=bool(run.folder))
        tracker.begin(len(files))
        _import_all(Work(tracker, reader, files), links, first_lines)


def _import_all(work: Work, links: int, first_lines: Sequence[Line]) -> None:
    tracker = work.tracker
    try:
        found = work.reader.survey(work.files)
    except ReadingFailed as failed:
        tracker.say(Line("error", "import", failed.message, failed.action))
        found = FoundCases((), {}, 0)
    tracker.step(len(work.files) - len({place for case in found.cases for place in case.files}))
    for line in (*first_lines, *file_lines(found.refused, repeats=found.repeats, links=links)):
        tracker.say(line)
    if not found.cases and not first_lines:
        tracker.say(nothing_found(files=len(work.files)))
    here = [_import_case(work, case, Place(n, len(found.cases))) for n, case in enumerate(found.cases, start=1)]
    _finish(tracker, any(here))


def _finish(tracker: Tracker, anything_here: bool) -> None:
    state = ImportRun.State.DONE if anything_here else ImportRun.State.FAILED
    with transaction.atomic():
        tracker.finish(state)
        if anything_here:
            enqueue("annotation.open_tasks", project_id=tracker.run.project_id)
    logger.info("import.ended import=%s state=%s files=%s", tracker.run.pk, state, tracker.run.files_total)


def _import_case(work: Work, case: CaseSummary, place: Place) -> bool:
    """Bring one study in and say how it went. True when it is here afterwards."""
    tracker, done = work.tracker, work.run.files_done
    folder = work.files[case.files[0]].path.parent
    try:
        lines = _lines(work, case, place)
    except StudyRefused as refused:
        lines = refused_lines(place, refused.faults)
    except (StorageFull, Conflict) as error:
        lines = [Line("error", str(place), f"Not imported: {error.message}", "Then import the study again.")]
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 - one study must not end the import; its texts can quote the file
        lines = [_crashed(work.run, place, error)]
    tracker.step(done + len(case.files) - work.run.files_done)
    for line in lines:
        tracker.say(line, place=folder)
    return lines[0].level != "error"


def _lines(work: Work, case: CaseSummary, place: Place) -> list[Line]:
    present = find_study(work.run.project, case)
    if present is not None:
        return already_here_lines(present, different=len(new_or_changed(present, case)))
    dates_of = dated_as(work.run.project, case)
    built = work.reader.build(case, dates_of=dates_of, step=work.tracker.step)
    built.keep()
    return _store(work, built.study, place, dates_of=dates_of, files=len(case.files))


@transaction.atomic
def _store(work: Work, built: BuiltStudy, place: Place, *, dates_of: str, files: int) -> list[Line]:
    """The rows of a study with its part of the report, all or nothing."""
    study, is_new = store_study(run=work.run, built=built, dates_of=dates_of, files=files)
    if not is_new:
        return already_here_lines(study, different=0)
    lines = stored_lines(study, built, place, partition=work.run.partition)
    lines += duplicate_lines(study.patient, possible_duplicates(work.run.project, of=study.patient))
    study.report = [line.to_json() for line in lines]
    study.save(update_fields=["report", "updated_at"])
    return lines


def _crashed(run: ImportRun, place: Place, error: Exception) -> Line:
    line = crashed_line(place, error)
    logger.error("import.study_failed import=%s study=%s message=%s", run.pk, place.number, line.message)
    return line
