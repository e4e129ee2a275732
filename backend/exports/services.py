"""Writes: freezing snapshots, and asking for files made of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.models import Task
from backend.annotation.selectors import labels_of
from backend.audit.models import record
from backend.core.errors import Conflict, InvalidInput, NotFound
from backend.core.jobs import enqueue
from backend.exports.channels import channels_for, phases_needed
from backend.exports.files import path_of
from backend.exports.folds import assign_folds
from backend.exports.manifest import Manifest, ManifestCase, ManifestLabel, ManifestPhase, case_id
from backend.exports.models import DatasetFile, Snapshot, SnapshotItem
from backend.exports.selectors import approved_tasks, folds_before, latest_snapshot
from backend.imaging import pins
from ml.contracts import Channel

FORMATS = ("nnunet",)


@transaction.atomic
def freeze_snapshot(*, project: Project, actor: User) -> Snapshot:
    """Freeze what is approved. Raises Conflict when nothing is, or nothing changed since the last snapshot."""
    require(actor, project, Capability.EXPORT)
    Project.objects.select_for_update().get(pk=project.pk)
    manifest, tasks = _current(project)
    last = latest_snapshot(project)
    if last is not None and last.sha256 == manifest.sha256:
        raise Conflict(
            f"Nothing was approved since snapshot {last.number}: use that one.", snapshot=last.pk, number=last.number
        )
    return _store(project, actor, manifest, tasks)


@transaction.atomic
def snapshot_for_round(*, project: Project, actor: User | None) -> Snapshot:
    """Snapshot of what is approved now: the last one where nothing changed. The caller checked the permission."""
    Project.objects.select_for_update().get(pk=project.pk)
    manifest, tasks = _current(project)
    last = latest_snapshot(project)
    if last is not None and last.sha256 == manifest.sha256:
        return last
    return _store(project, actor, manifest, tasks)


@transaction.atomic
def request_file(*, snapshot: Snapshot, actor: User, file_format: str) -> DatasetFile:
    """Have a file made of a snapshot; one that is there, or on its way, is not made twice."""
    require(actor, snapshot.project, Capability.EXPORT)
    if file_format not in FORMATS:
        raise InvalidInput(f"Unknown format {file_format!r}; known: {', '.join(FORMATS)}.")
    Snapshot.objects.select_for_update().get(pk=snapshot.pk)
    files = DatasetFile.objects.filter(snapshot=snapshot, format=file_format)
    made = files.exclude(state=DatasetFile.State.FAILED).first()
    if made is not None:
        return made
    file = DatasetFile.objects.create(snapshot=snapshot, requested_by=actor, format=file_format)
    record(actor=actor, action="dataset.request", project_id=snapshot.project_id, subject=file, snapshot=snapshot.pk)
    enqueue("exports.write_file", file_id=file.pk)
    return file


def record_download(*, file: DatasetFile, actor: User) -> Path:
    """Note who takes a dataset out, and say where it lies.

    Raises Conflict while the file is not ready, NotFound when it is gone from the disk.
    """
    require(actor, file.snapshot.project, Capability.EXPORT)
    if file.state != DatasetFile.State.READY:
        raise Conflict("The file is not ready yet: wait until it is, then download it.", state=file.state)
    path = path_of(file)
    if not path.is_file():
        gone = "The file is gone from the disk: ask for it again."
        DatasetFile.objects.filter(pk=file.pk).update(state=DatasetFile.State.FAILED, error=gone)
        raise NotFound(gone)
    record(
        actor=actor,
        action="dataset.download",
        project_id=file.snapshot.project_id,
        subject=file,
        sha256=file.sha256,
    )
    return path


def requeue_stuck_files(*, older_than_s: float) -> int:
    """Send the job of every unfinished file again that nobody has worked on for a while. Returns how many."""
    before = timezone.now() - timedelta(seconds=older_than_s)
    unfinished = [DatasetFile.State.WAITING, DatasetFile.State.RUNNING]
    with transaction.atomic():
        stuck = DatasetFile.objects.select_for_update(skip_locked=True).filter(
            state__in=unfinished, updated_at__lt=before
        )
        for file in stuck:
            file.save(update_fields=["updated_at"])
            enqueue("exports.write_file", file_id=file.pk)
        return len(stuck)


def _current(project: Project) -> tuple[Manifest, list[Task]]:
    held = pins.lock(approved_tasks(project).values_list("volume_id", flat=True))
    tasks = [task for task in approved_tasks(project) if task.volume_id in held]
    if not tasks:
        raise Conflict("No case of the pool is approved yet: approve one first.")
    channels = channels_for(len(task.volume.phases.all()) for task in tasks)
    folds = assign_folds((task.patient.pseudonym for task in tasks), folds_before(project))
    labels = tuple(ManifestLabel(label.value, label.name) for label in labels_of(project))
    cases = tuple(_case(task, channels, folds[task.patient.pseudonym]) for task in tasks)
    return Manifest(project.slug, labels, channels, cases), tasks


def _case(task: Task, channels: tuple[Channel, ...], fold: int) -> ManifestCase:
    phases = {phase.index: phase for phase in task.volume.phases.all()}
    needed = range(phases_needed(channels))
    if not all(index in phases for index in needed):
        raise Conflict(
            f"{task.patient.pseudonym} has {len(phases)} of the {len(needed)} phases that the network's input needs: "
            "reopen and withdraw its task, or import the missing phases.",
            pseudonym=task.patient.pseudonym,
            task=task.pk,
        )
    if task.approved is None:
        raise Conflict(f"Task {task.pk} was reopened meanwhile: try again.", task=task.pk)
    return ManifestCase(
        case_id=case_id(task.patient.pseudonym, task.pk),
        pseudonym=task.patient.pseudonym,
        task_id=task.pk,
        volume_id=task.volume_id,
        revision=task.approved.number,
        mask_sha256=task.approved.mask.sha256,
        fold=fold,
        phases=tuple(ManifestPhase(index, tuple(phases[index].chunks)) for index in needed),
        slices=None if task.slices is None else tuple(task.slices),
    )


def _store(project: Project, actor: User | None, manifest: Manifest, tasks: list[Task]) -> Snapshot:
    last = latest_snapshot(project)
    snapshot = Snapshot.objects.create(
        project=project,
        number=last.number + 1 if last else 1,
        created_by=actor,
        manifest=manifest.to_value(),
        sha256=manifest.sha256,
    )
    SnapshotItem.objects.bulk_create(
        SnapshotItem(
            snapshot=snapshot,
            patient_id=task.patient_id,
            partition=task.partition,
            revision=task.approved,
            fold=case.fold,
            slices=task.slices,
        )
        for task, case in zip(tasks, manifest.cases, strict=True)
    )
    pins.pin({task.volume_id for task in tasks}, by=f"snapshot {snapshot.number}")
    record(
        actor=actor,
        action="snapshot.freeze",
        project_id=project.pk,
        subject=snapshot,
        number=snapshot.number,
        cases=len(tasks),
        sha256=snapshot.sha256,
    )
    return snapshot
