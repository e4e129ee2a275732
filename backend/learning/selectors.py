"""Reads: rounds, runs and models, and what a run needs to know."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, QuerySet

from backend.accounts.models import Project, User
from backend.accounts.permissions import require
from backend.accounts.roles import Capability
from backend.annotation.models import Revision, Task
from backend.annotation.workflow import State
from backend.core.errors import NotFound
from backend.exports.channels import channels_from_json, phases_needed
from backend.exports.manifest import read_manifest
from backend.exports.models import Snapshot
from backend.imaging.models import Partition
from backend.learning.models import ModelVersion, Round, Run, RunProgress
from backend.learning.states import ModelState, RunKind
from ml.contracts import Channel

_UNKNOWN = "There is no such thing, or you may not see it."


def rounds_of(project: Project) -> QuerySet[Round]:
    """Rounds with what is shown of them, newest first."""
    return (
        Round.objects.filter(project=project)
        .select_related("snapshot", "started_by", "model__evaluation", "uses")
        .prefetch_related("runs")
        .annotate(snapshot_cases=Count("snapshot__items"))
        .defer("snapshot__manifest")
    )


def round_for(user: User, pk: int, capability: Capability = Capability.VIEW_ROUNDS) -> Round:
    """The round, for somebody who may do this with it. Raises NotFound or NotAllowed."""
    turn = Round.objects.select_related("project").filter(pk=pk).first()
    if turn is None:
        raise NotFound(_UNKNOWN)
    require(user, turn.project, capability)
    return turn


def run_for(user: User, pk: int) -> Run:
    """The run, for somebody who may see its round. Raises NotFound or NotAllowed."""
    run = Run.objects.select_related("round__project").filter(pk=pk).first()
    if run is None:
        raise NotFound(_UNKNOWN)
    require(user, run.round.project, Capability.VIEW_ROUNDS)
    return run


def progress_after(turn: Round, after: int) -> QuerySet[RunProgress]:
    """Lines of the round's training that were stored after the one of that id, oldest first."""
    return RunProgress.objects.filter(run__round=turn, run__kind=RunKind.TRAIN, pk__gt=after).order_by("pk")


def models_of(project: Project) -> QuerySet[ModelVersion]:
    """Models of a project, newest first."""
    return (
        ModelVersion.objects.filter(project=project)
        .select_related("round__snapshot", "parent", "evaluation")
        .defer("round__snapshot__manifest")
    )


def model_of(project: Project, number: int) -> ModelVersion:
    """The model of that number. Raises NotFound."""
    model = models_of(project).select_related("project").filter(number=number).first()
    if model is None:
        raise NotFound(_UNKNOWN)
    return model


def active_model(project: Project) -> ModelVersion | None:
    """The model that drafts, or None before the first."""
    return ModelVersion.objects.filter(project=project, state=ModelState.ACTIVE).first()


def warm_start_for(snapshot: Snapshot) -> ModelVersion | None:
    """The active model where it was trained for the same labels and channels, so that its weights mean the same."""
    model = ModelVersion.objects.filter(project=snapshot.project_id, state=ModelState.ACTIVE)
    before = model.select_related("round__snapshot").first()
    if before is None:
        return None
    new = read_manifest(snapshot.manifest)
    if before.round.snapshot is None:  # from elsewhere
        same = not before.label_map and channels_of(before) == new.channels
        return before if same else None
    old = read_manifest(before.round.snapshot.manifest)
    return before if (old.labels, old.channels) == (new.labels, new.channels) else None


def undrafted_tasks(project: Project) -> QuerySet[Task]:
    """Open tasks of the pool, not of a second reading, that nobody has begun."""
    waiting = Task.objects.filter(project=project, partition=Partition.POOL, reading=1, state=State.OPEN)
    return waiting.filter(head__isnull=True).exclude(proposal__pinned_at__isnull=False).order_by("pk")


def tasks_to_draft(project: Project, channels: Sequence[Channel]) -> QuerySet[Task]:
    """Undrafted tasks whose volumes have the phases that a model needs."""
    return (
        undrafted_tasks(project)
        .annotate(phase_count=Count("volume__phases"))
        .filter(phase_count__gte=phases_needed(channels))
        .select_related("volume", "patient")
    )


def trained_on(turn: Round) -> QuerySet[Revision]:
    """What the model of a round was trained on, one revision per volume; nothing for a model from elsewhere."""
    snapshot = turn.subject.round.snapshot
    if snapshot is None:
        return Revision.objects.none()
    frozen = Revision.objects.filter(pk__in=snapshot.items.values("revision"), task__reading=1)
    return frozen.filter(task__partition=Partition.POOL).select_related("task__volume", "mask__volume").order_by("pk")


def channels_of(model: ModelVersion) -> tuple[Channel, ...]:
    """Network inputs of a model."""
    return channels_from_json(model.channels)
