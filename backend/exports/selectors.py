"""Reads: what would be frozen, and what was."""

from __future__ import annotations

from django.db.models import Count, Prefetch, QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.models import Task
from backend.annotation.workflow import State
from backend.core.errors import NotFound
from backend.exports.models import DatasetFile, Snapshot
from backend.imaging.models import Partition


def approved_tasks(project: Project) -> QuerySet[Task]:
    """Tasks of the pool whose approved revision may train a model, oldest first."""
    return (
        Task.objects.filter(project=project, partition=Partition.POOL, state=State.APPROVED)
        .select_related("patient", "approved__mask", "volume")
        .prefetch_related("volume__phases")
        .order_by("pk")
    )


def latest_snapshot(project: Project) -> Snapshot | None:
    """The newest snapshot, or None before the first."""
    return Snapshot.objects.filter(project=project).first()


def snapshots() -> QuerySet[Snapshot]:
    """Snapshots with what is shown beside them, `cases` among it; the manifest is read only where it is asked for."""
    return (
        Snapshot.objects.select_related("project", "created_by")
        .prefetch_related(Prefetch("files", dataset_files().order_by("-pk")))
        .annotate(cases=Count("items"))
        .defer("manifest")
    )


def dataset_files() -> QuerySet[DatasetFile]:
    """Dataset files with what is shown beside them, `cases` among it."""
    return (
        DatasetFile.objects.select_related("snapshot__project")
        .annotate(cases=Count("snapshot__items"))
        .defer("snapshot__manifest")
    )


def folds_before(project: Project) -> dict[str, int]:
    """Fold by pseudonym, as the newest snapshot that held the patient had it."""
    items = (
        Snapshot.objects.filter(project=project)
        .order_by("number")
        .values_list("items__patient__pseudonym", "items__fold")
    )
    return {pseudonym: fold for pseudonym, fold in items if pseudonym is not None}


def snapshot_for(user: User, snapshot_id: int) -> Snapshot:
    """The snapshot, for somebody who may export. Raises NotFound or NotAllowed."""
    snapshot = snapshots().filter(pk=snapshot_id).first()
    if snapshot is None:
        raise NotFound("There is no such thing, or you may not see it.")
    require(user, snapshot.project, Capability.EXPORT)
    return snapshot


def dataset_file_for(user: User, file_id: int) -> DatasetFile:
    """The dataset file, for somebody who may export. Raises NotFound or NotAllowed."""
    file = dataset_files().filter(pk=file_id).first()
    if file is None:
        raise NotFound("There is no such thing, or you may not see it.")
    require(user, file.snapshot.project, Capability.EXPORT)
    return file
