"""An import from its files to its report: whatever cannot come in is told and held, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from backend.core.errors import Conflict, InvalidInput, StorageFull
from backend.core.jobs import enqueue
from backend.imaging.added_masks import add_masks
from backend.imaging.importer import dated_as, find_images, find_study, new_or_changed, store_study
from backend.imaging.keys import key_of
from backend.imaging.merging import possible_duplicates
from backend.imaging.models import ImportRun, Study
from backend.imaging.progress import Cancelled, Listener, Tracker
from backend.imaging.quarantine import keeping
from backend.imaging.reading.blame import ReadingFailed
from backend.imaging.reading.faults import StudyRefused
from backend.imaging.reading.found import FoundCases
from backend.imaging.reading.messages import BuiltStudy, CaseSummary, SourceFile
from backend.imaging.reading.reader import Reader
from backend.imaging.reports import (
    Line,
    Place,
    already_here_lines,
    cancelled_line,
    crashed_line,
    duplicate_lines,
    file_lines,
    held_line,
    nothing_found,
    refused_lines,
    stored_lines,
    twin_line,
)
from backend.imaging.sources import files_below
from backend.imaging.unpacking import unpack_all

logger = logging.getLogger(__name__)


@dataclass
class Work:
    """One import on its way: whom to tell, who reads, and the files. here, held: how many studies are so by now."""

    tracker: Tracker
    reader: Reader
    files: Sequence[SourceFile] = ()
    here: int = 0
    held: int = 0

    @property
    def run(self) -> ImportRun:
        """The row of the import."""
        return self.tracker.run


def import_files(run: ImportRun, folder: Path, listener: Listener | None = None) -> None:
    """Import everything below the folder into the run's project. Safe to repeat: what is here already stays as it is.

    Raises InvalidInput when the folder is not there.
    """
    if not folder.is_dir():
        raise InvalidInput("There is no such folder; check the path.")
    with Reader(key_of(run.project)) as reader:
        work = Work(Tracker(run, listener), reader)
        try:
            _import_all(work, folder)
        except Cancelled:
            work.tracker.say(cancelled_line(work.here))
            _finish(work, ImportRun.State.CANCELLED)
        else:
            _finish(work, ImportRun.State.DONE if work.here else ImportRun.State.FAILED)


def _import_all(work: Work, folder: Path) -> None:
    tracker, uploaded = work.tracker, bool(work.run.folder)
    tracker.check_cancelled()
    lines, refused = unpack_all(work.reader, folder) if uploaded else ([], frozenset())
    files, links = files_below(folder, numbered=uploaded)
    work.files = [file for file in files if file.path not in refused]
    tracker.begin(len(work.files))
    found = _survey(work, lines)
    tracker.step(len(work.files) - len({place for case in found.cases for place in case.files}))
    lines += file_lines(found.refused, repeats=found.repeats, links=links)
    if not found.cases and not any(line.level == "error" for line in lines):
        lines.append(nothing_found(files=len(work.files)))
    for line in lines:
        tracker.say(line)
    for number, case in enumerate(found.cases, start=1):
        tracker.check_cancelled()
        _import_case(work, case, Place(number, len(found.cases)))
    if work.held:
        tracker.say(held_line(work.held, days=settings.QUARANTINE_DAYS))


def _survey(work: Work, lines: list[Line]) -> FoundCases:
    try:
        return work.reader.survey(work.files, at=lambda place: work.tracker.check_cancelled(often=True))  # noqa: ARG005
    except ReadingFailed as failed:
        lines.append(Line("error", "import", failed.message, failed.action))
        return FoundCases((), {}, 0)


def _finish(work: Work, state: ImportRun.State) -> None:
    run = work.run
    with transaction.atomic():
        work.tracker.finish(state)
        if work.here:
            enqueue("annotation.open_tasks", project_id=run.project_id)
    logger.info("import.ended import=%s state=%s files=%s", run.pk, state, run.files_total)


def _import_case(work: Work, case: CaseSummary, place: Place) -> None:
    """Bring one study in and say how it went; one that cannot come in is held."""
    tracker, done = work.tracker, work.run.files_done
    files = [work.files[n] for n in case.files]
    lines = _tried(work, case, place)
    if lines[0].level == "error":
        keeping.hold(work.run, case, files, lines)
        work.held += 1
    else:
        keeping.resolve(work.run, case)
        work.here += 1
    tracker.step(done + len(files) - work.run.files_done)
    for line in lines:
        tracker.say(line, place=files[0].path.parent)


def _tried(work: Work, case: CaseSummary, place: Place) -> list[Line]:
    try:
        return _lines(work, case, place)
    except StudyRefused as refused:
        return refused_lines(place, refused.faults)
    except (StorageFull, Conflict) as error:
        return [Line("error", str(place), f"Not imported: {error.message}", "Then try the study again.")]
    except (SoftTimeLimitExceeded, Cancelled):
        raise
    except Exception as error:  # noqa: BLE001 - one study must not end the import; its texts can quote the file
        return [_crashed(work.run, place, error)]


def _lines(work: Work, case: CaseSummary, place: Place) -> list[Line]:
    present = find_study(work.run.project, case)
    if present is not None:
        return _already_here(work, case, present)
    twin = find_images(work.run.project, case)
    if twin is not None:
        return [twin_line(twin)]
    dates_of = dated_as(work.run.project, case)
    built = work.reader.build(case, dates_of=dates_of, step=work.tracker.step)
    built.keep()
    return _store(work, built.study, place, dates_of=dates_of, files=len(case.files))


def _already_here(work: Work, case: CaseSummary, study: Study) -> list[Line]:
    """A study that this run brought in before its worker was lost is told as then; to another, masks may come."""
    different = new_or_changed(study, case)
    if not different and study.created_at > work.run.created_at and study.report:
        return [Line(**line) for line in study.report]
    masks = different & set(case.masks)
    if not masks:
        return already_here_lines(study, different=len(different))
    return add_masks(work.run, work.reader, case, study, others=len(different - masks))


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
