"""Changing patients, and starting and running imports."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput, NotFound
from backend.core.jobs import enqueue
from backend.core.locks import try_lock
from backend.imaging.importer import set_partition
from backend.imaging.models import ImportRun, Partition, Patient
from backend.imaging.progress import Listener
from backend.imaging.quarantine.keeping import hold_again, is_kept
from backend.imaging.reports import Level, Line
from backend.imaging.running import import_files

logger = logging.getLogger(__name__)

LOCK = "imaging.import"
UNFINISHED = (ImportRun.State.WAITING, ImportRun.State.RUNNING)


@transaction.atomic
def assign_partition(*, user: User, patient: Patient, partition: str) -> Patient:
    """Put a patient into POOL or BENCHMARK, once and for good; its volumes get their tasks.

    Raises NotAllowed without the capability, InvalidInput for another word, Conflict when the patient has a partition.
    """
    locked = Patient.objects.select_for_update(of=("self",)).select_related("project").get(pk=patient.pk)
    require(user, locked.project, Capability.MANAGE_CASES)
    _check_partition(partition)
    if locked.partition is not None:
        raise Conflict(
            f"{locked.pseudonym} is in {locked.partition} for good; a patient never changes sides.",
            partition=locked.partition,
        )
    set_partition(actor=user, patient=locked, partition=partition)
    enqueue("annotation.open_tasks", project_id=locked.project_id)
    return locked


@transaction.atomic
def open_import(*, user: User, project: Project, source: str, partition: str = "") -> ImportRun:
    """A waiting import with a folder for its uploaded files. Raises NotAllowed, or InvalidInput for the partition."""
    require(user, project, Capability.MANAGE_CASES)
    run = _create(project, user, source, partition)
    run.folder = str(Path(settings.UPLOAD_DIR) / str(run.pk))
    run.save(update_fields=["folder", "updated_at"])
    return run


@transaction.atomic
def choose_partition(*, user: User, run: ImportRun, partition: str) -> ImportRun:
    """Another place for the new patients of a waiting import. Raises NotAllowed, InvalidInput for the partition."""
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    require(user, locked.project, Capability.MANAGE_CASES)
    if partition:
        _check_partition(partition)
    locked.partition = partition
    locked.save(update_fields=["partition", "updated_at"])
    record(
        actor=user,
        action="import.partition_chosen",
        project_id=locked.project_id,
        subject=locked,
        partition=partition,
    )
    return locked


@transaction.atomic
def start_import(*, user: User, run: ImportRun) -> ImportRun:
    """Every file is there: let the job read them. Raises NotAllowed, or Conflict when it was started before."""
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    require(user, locked.project, Capability.MANAGE_CASES)
    if locked.state != ImportRun.State.WAITING:
        raise Conflict("This import has begun already; start another one.")
    locked.asked_at = timezone.now()
    locked.save(update_fields=["asked_at", "updated_at"])
    enqueue("imaging.run_import", import_id=locked.pk)
    return locked


def run_import(*, import_id: int) -> None:
    """Import the uploaded files of a run, then remove them. Does nothing while another process is at it, or when done.

    Raises NotFound when there is no such import.
    """
    with try_lock(LOCK, import_id) as alone:
        if not alone:
            return
        run = ImportRun.objects.select_related("project", "started_by").filter(pk=import_id).first()
        if run is None:
            raise NotFound(f"There is no import {import_id}.")
        if run.state in UNFINISHED:
            _run_uploaded(run)


@transaction.atomic
def cancel_import(*, user: User, run: ImportRun) -> ImportRun:
    """Let an import end after the file or study at work; what is in stays in.

    Raises NotAllowed, or Conflict when it has ended, or still waits for files.
    """
    locked = ImportRun.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    require(user, locked.project, Capability.MANAGE_CASES)
    if locked.state not in UNFINISHED:
        raise Conflict("This import has ended already.", state=locked.state)
    if locked.state == ImportRun.State.WAITING and locked.asked_at is None:
        raise Conflict("Its files are still on their way; cancel the upload instead.")
    if not locked.cancelling:
        locked.cancelling = True
        locked.save(update_fields=["cancelling", "updated_at"])
        record(actor=user, action="import.cancelled", project_id=locked.project_id, subject=locked)
    return locked


@transaction.atomic
def open_retry(*, user: User, before: ImportRun, folder: str) -> ImportRun:
    """Another import over files that one before left in a folder, begun at once, with the same partition."""
    run = _create(before.project, user, "quarantine", before.partition)
    run.folder = folder
    run.save(update_fields=["folder", "updated_at"])
    return start_import(user=user, run=run)


@transaction.atomic
def go_on_with_import(*, import_id: int) -> None:
    """Let another job go on with an import that took too long for one; what is in is left as it is."""
    enqueue("imaging.run_import", import_id=import_id)


@transaction.atomic
def end_import(*, import_id: int, message: str, action: str, state: ImportRun.State = ImportRun.State.FAILED) -> None:
    """End an import that does not go on, with the reason as the last line of its report."""
    run = ImportRun.objects.select_for_update().get(pk=import_id)
    run.state = state
    level: Level = "error" if state == ImportRun.State.FAILED else "warning"
    run.report = [*run.report, Line(level, "import", message, action).to_json()]
    run.save(update_fields=["state", "report", "updated_at"])


def import_folder(
    *,
    project: Project,
    folder: Path,
    started_by: User | None,
    source: str,
    partition: str = "",
    progress: Listener | None = None,
) -> ImportRun:
    """Import a folder of this machine at once and return the ended run with its report.

    source: words that name no patient, so not the folder's name. The folder stays as it is.
    Raises InvalidInput when there is no such folder or partition, NotAllowed when `started_by` may not import.
    """
    if not folder.is_dir():
        raise InvalidInput("There is no such folder; check the path.")
    with transaction.atomic():
        if started_by is not None:
            require(started_by, project, Capability.MANAGE_CASES)
        run = _create(project, started_by, source, partition)
    with try_lock(LOCK, run.pk):  # tells the reaper that somebody is at it
        import_files(run, folder, progress)
    return run


def _create(project: Project, user: User | None, source: str, partition: str) -> ImportRun:
    if partition:
        _check_partition(partition)
    run = ImportRun.objects.create(project=project, started_by=user, source=source, partition=partition)
    record(actor=user, action="import.started", project_id=project.pk, subject=run, partition=partition)
    return run


def _check_partition(partition: str) -> None:
    if partition not in Partition.values:
        raise InvalidInput(f"partition needs POOL or BENCHMARK, got {partition!r}.")


def _run_uploaded(run: ImportRun) -> None:
    try:
        import_files(run, Path(run.folder))
    except InvalidInput as error:
        end_import(import_id=run.pk, message=error.message, action="Upload the files again.")
        run.refresh_from_db()
    if run.state not in UNFINISHED:
        remove_files(run)


def remove_files(run: ImportRun) -> None:
    """The uploaded files of an import that has ended, unless a study is held in their folder."""
    hold_again(run)
    if run.folder and not is_kept(run.folder):
        shutil.rmtree(run.folder, ignore_errors=True)
