"""Reading tasks and masks. What a user sees is decided here, by the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from backend.accounts.models import Membership, Project, User
from backend.accounts.permissions import roles_with
from backend.accounts.roles import Capability
from backend.annotation.labels import DEFAULT_LABELS, Label, read_labels
from backend.annotation.models import OriginCounts, Proposal, Review, Revision, Submission, Task, WorkPeriod
from backend.annotation.permissions import Standing, allowed_actions
from backend.annotation.workflow import Action, State
from backend.core.errors import NotFound
from backend.imaging.models import Partition, Volume

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class WorklistNotes(TypedDict):
    """What the worklist adds to a task, for one user."""

    role: str
    drew: bool
    shown_proposal: Proposal | None
    active_s: int
    own_active_s: int
    corrected: int | None
    last_reviews: list[Review]


if TYPE_CHECKING:
    WorklistTask = WithAnnotations[Task, WorklistNotes]


def labels_of(project: Project) -> tuple[Label, ...]:
    """The labels of a project; the nine default ones until it has its own."""
    try:
        return read_labels(project.label_set.labels)
    except ObjectDoesNotExist:
        return DEFAULT_LABELS


def visible_tasks(user: User) -> QuerySet[Task]:
    """Tasks of the projects in which the user may see cases."""
    return Task.objects.filter(
        project__memberships__user=user, project__memberships__role__in=roles_with(Capability.VIEW_CASES)
    )


def visible_proposals() -> QuerySet[Proposal]:
    """Proposals that may be shown: of the pool, for a first reading. All other tasks are drawn unaided."""
    return Proposal.objects.filter(task__partition=Partition.POOL, task__reading=1)


def worklist(user: User) -> QuerySet[WorklistTask]:
    """Visible tasks with all that a list or a page shows of them, in a fixed number of queries."""
    counted = OriginCounts.objects.filter(revision=OuterRef("head_id"))
    last_review = Review.objects.order_by("-pk").select_related("reviewer").prefetch_related("remarks")[:1]
    return (
        visible_tasks(user)  # type: ignore[return-value]  # the plugin takes the one draft of a task for a list
        .select_related("project", "patient", "assignee", "head")
        .annotate(
            role=F("project__memberships__role"),
            drew=Exists(Revision.objects.filter(task=OuterRef("pk"), author=user)),
            active_s=_active_seconds(WorkPeriod.objects.all()),
            own_active_s=_active_seconds(WorkPeriod.objects.filter(user=user)),
            corrected=Subquery(counted.order_by("-pk").values("corrected")[:1]),
        )
        .prefetch_related(
            Prefetch("reviews", queryset=last_review, to_attr="last_reviews"),
            Prefetch("proposal", queryset=visible_proposals().select_related("mask__volume"), to_attr="shown_proposal"),
        )
    )


def _active_seconds(periods: QuerySet[WorkPeriod]) -> Coalesce:
    """Seconds of a task's periods, 0 where it has none."""
    of_task = periods.filter(task=OuterRef("pk")).order_by().values("task")
    return Coalesce(Subquery(of_task.annotate(total=Sum("seconds")).values("total")), 0)


def actions_for(user: User, task: WorklistTask) -> list[Action]:
    """What the user may do now with a task of their worklist; no query."""
    standing = Standing(role=task.role, is_assignee=task.assignee_id == user.pk, drew=task.drew)
    return allowed_actions(task.state, standing)


def task_for(user: User, pk: int) -> WorklistTask:
    """A visible task. Raises NotFound otherwise."""
    task = worklist(user).filter(pk=pk).first()
    if task is None:
        raise NotFound("There is no such task, or you may not see it.")
    return task


def proposal_for(user: User, pk: int) -> Proposal:
    """The draft of a visible task. Raises NotFound where there is none to show."""
    proposal = visible_proposals().filter(task__in=visible_tasks(user), task=pk).select_related("mask__volume").first()
    if proposal is None:
        raise NotFound("There is no draft of such a task, or you may not see it.")
    return proposal


def drawing_for(user: User, pk: int) -> Task:
    """A visible task with what a save needs to know: its volume and the project's labels. Raises NotFound otherwise."""
    task = visible_tasks(user).select_related("volume", "project__label_set").filter(pk=pk).first()
    if task is None:
        raise NotFound("There is no such task, or you may not see it.")
    return task


def waiting_for_review_by(user: User, project: Project) -> Q:
    """Condition on tasks: submitted, and the user may approve them."""
    may_review = Membership.objects.filter(user=user, project=project, role__in=roles_with(Capability.REVIEW))
    drew = Revision.objects.filter(task=OuterRef("pk"), author=user)
    return Q(state=State.SUBMITTED) & Q(Exists(may_review)) & ~Q(Exists(drew))


def counts(user: User, project: Project) -> dict[str, int]:
    """How many tasks of a project are in each state, how many the user is drawing, how many wait for their review."""
    by_state = {state.value: Count("pk", filter=Q(state=state)) for state in State}
    return Task.objects.filter(project=project).aggregate(
        **by_state,
        mine=Count("pk", filter=Q(state=State.IN_PROGRESS, assignee=user)),
        to_review=Count("pk", filter=waiting_for_review_by(user, project)),
    )


def revision_of(task: Task, number: int | None) -> Revision | None:
    """A revision by number, the newest for None; None for number 0 and where nothing is drawn.

    Raises NotFound for a number that the task does not have.
    """
    if number == 0 or (number is None and task.head_id is None):
        return None
    chosen = Q(pk=task.head_id) if number is None else Q(number=number)
    revision = Revision.objects.filter(chosen, task=task).select_related("mask__volume", "task").first()
    if revision is None:
        raise NotFound(f"The task has no revision {number}.")
    return revision


def last_submission(revision: Revision | None) -> Submission | None:
    """The newest submission of a revision."""
    if revision is None:
        return None
    return Submission.objects.filter(revision=revision).select_related("author").order_by("-pk").first()


def revisions_of(task: Task) -> QuerySet[Revision]:
    """History of a task, oldest first."""
    return Revision.objects.filter(task=task).select_related("author").order_by("number")


def volumes_without_task(project: Project | None = None) -> QuerySet[Volume]:
    """Volumes of partitioned patients, of one project or all, that want a task and have none.

    These are the DCE volumes, and in a study without any the volume with most phases, then slices.
    """
    assigned = Volume.objects.filter(study__patient__partition__isnull=False)
    in_project = assigned if project is None else assigned.filter(study__patient__project=project)
    same_study = Volume.objects.filter(study=OuterRef("study"))
    richest = (
        same_study.annotate(phase_count=Count("phases")).order_by("-phase_count", "-size_z", "pk").values("pk")[:1]
    )
    wanted = Q(is_dce=True) | (~Q(Exists(same_study.filter(is_dce=True))) & Q(pk=Subquery(richest, IntegerField())))
    return in_project.filter(wanted, tasks__isnull=True).select_related("study__patient").order_by("pk")
