"""An import from its files to its report: whatever cannot come in is told, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from backend.core.errors import InvalidInput
from backend.core.jobs import enqueue
from backend.imaging.building import StudyRefused, build_volumes
from backend.imaging.dicom.grouping import StudyFiles, group
from backend.imaging.dicom.headers import quietly
from backend.imaging.dicom.plan import StudyPlan, VolumePlan, plan_study
from backend.imaging.dicom.scan import list_files, scan
from backend.imaging.importer import find_study, identify, new_or_changed, store_study
from backend.imaging.models import ImportRun, Study
from backend.imaging.progress import Listener, Tracker
from backend.imaging.reports import Line, file_lines, nothing_found
from backend.imaging.uploads.staging import NAMES_FILE

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """A study among those of the import, as a report calls it: by its number, which names nobody."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"study {self.number} of {self.of}"


def import_files(
    run: ImportRun, folder: Path, listener: Listener | None = None, *, first_lines: Sequence[Line] = ()
) -> None:
    """Import everything below the folder into the run's project. Safe to repeat: what is here already stays as it is.

    first_lines: what the report begins with.
    Raises InvalidInput when the folder is not there.
    """
    if not folder.is_dir():
        raise InvalidInput("There is no such folder; check the path.")
    tracker = Tracker(run, listener)
    run.state = ImportRun.State.RUNNING
    with quietly():
        _import_all(tracker, folder, first_lines)


def _import_all(tracker: Tracker, folder: Path, first_lines: Sequence[Line]) -> None:
    files, links = list_files(folder)
    files = [path for path in files if path.name != NAMES_FILE]
    tracker.begin(len(files))
    found = scan(files)
    tracker.step(len(files) - len(found.headers))
    for line in (*first_lines, *file_lines(found, links=links)):
        tracker.say(line)
    if not found.headers and not first_lines:
        tracker.say(nothing_found(files=len(files)))
    studies = group(found.headers)
    here = [_import_study(tracker, study, Place(n, len(studies))) for n, study in enumerate(studies, start=1)]
    _finish(tracker, any(here))


def _finish(tracker: Tracker, anything_here: bool) -> None:
    state = ImportRun.State.DONE if anything_here else ImportRun.State.FAILED
    with transaction.atomic():
        tracker.finish(state)
        if anything_here:
            enqueue("annotation.open_tasks", project_id=tracker.run.project_id)
    logger.info("import.ended import=%s state=%s files=%s", tracker.run.pk, state, tracker.run.files_total)


def _import_study(tracker: Tracker, files: StudyFiles, place: Place) -> bool:
    """Bring one study in and say how it went. True when it is here afterwards."""
    done = tracker.run.files_done
    folder = files.first.path.parent
    try:
        lines = _lines(tracker, files, place)
    except StudyRefused as refused:
        lines = [
            Line("error", str(place), f"Not imported: {fault.series} {fault.message}.", fault.action)
            for fault in refused.faults
        ]
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 - one study must not end the import; its texts can quote the file
        lines = [_crashed(tracker.run, place, error)]
    tracker.step(done + len(files.headers) - tracker.run.files_done)
    for line in lines:
        tracker.say(line, place=folder)
    return lines[0].level != "error"


def _lines(tracker: Tracker, files: StudyFiles, place: Place) -> list[Line]:
    run = tracker.run
    identity = identify(run.project, files)
    present = find_study(run.project, identity)
    if present is not None:
        return _already_here(present, new_or_changed(present, identity, files))
    plan = plan_study(files, max_voxels=settings.MAX_VOLUME_VOXELS)
    volumes = build_volumes(plan, step=tracker.step)
    study = store_study(run=run, identity=identity, plan=plan, volumes=volumes)
    return _stored(run, study, plan, place)


def _already_here(study: Study, different: int) -> list[Line]:
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


def _stored(run: ImportRun, study: Study, plan: StudyPlan, place: Place) -> list[Line]:
    subject = study.patient.pseudonym
    lines = [_summary(subject, plan, place)]
    lines += [Line("warning", subject, f"Look at the DCE volume: {remark}.") for remark in plan.remarks]
    if not plan.study.first.patient_id:
        lines.append(Line("warning", subject, "The files name no patient; the study counts as a patient of its own."))
    if run.partition and study.patient.partition != run.partition:
        lines.append(Line("warning", subject, f"The patient is in {study.patient.partition} for good and stays there."))
    return lines


def _summary(subject: str, plan: StudyPlan, place: Place) -> Line:
    built = "; ".join(_described(volume) for volume in plan.volumes)
    left = "; ".join(
        f"{series.name} is not drawn on: {plan.not_drawn_on[series.uid]}"
        for series in plan.study.series
        if series.uid in plan.not_drawn_on
    )
    text = ". ".join(part for part in (f"Imported ({place}): {built or 'nothing to draw on'}", left) if part)
    return Line("ok" if built else "warning", subject, f"{text}.")


def _described(volume: VolumePlan) -> str:
    shape = "×".join(str(n) for n in volume.geometry.shape_zyx)
    phases = "1 phase" if len(volume.phases) == 1 else f"{len(volume.phases)} phases"
    return f"{'DCE volume' if volume.is_dce else 'volume'} {shape}, {phases}"


def _crashed(run: ImportRun, place: Place, error: Exception) -> Line:
    """Say and log where the program failed, without the error's text."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    spot = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    logger.error(
        "import.study_failed import=%s study=%s error=%s at=%s", run.pk, place.number, type(error).__name__, spot
    )
    return Line(
        "error",
        str(place),
        f"Not imported: the program failed ({type(error).__name__} at {spot}).",
        "Try again; if it fails again, send this line to the developers.",
    )
