"""Worklist and moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Project, User
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.annotation import selectors, services
from backend.annotation.api.serializers import (
    AskSerializer,
    ReturnSerializer,
    SeenRevisionSerializer,
    SubmitSerializer,
    TaskCountsSerializer,
    TaskSerializer,
    WorklistQuerySerializer,
)
from backend.annotation.models import Task
from backend.core.pagination import OldestFirst

if TYPE_CHECKING:
    from backend.annotation.selectors import WorklistTask


def _project(request: Request, slug: str) -> tuple[User, Project]:
    user = signed_in(request)
    return user, project_for(user, slug, Capability.VIEW_CASES)


def _answer(request: Request, pk: int) -> Response:
    task = selectors.task_for(signed_in(request), pk)
    return Response(TaskSerializer(task, context={"request": request}).data)


@extend_schema_view(get=extend_schema(operation_id="tasks_list", parameters=[WorklistQuerySerializer]))
class TaskList(ListAPIView[Task]):
    """The worklist of a project, oldest first."""

    serializer_class = TaskSerializer
    pagination_class = OldestFirst
    queryset = Task.objects.none()

    def get_queryset(self) -> QuerySet[WorklistTask]:
        user, project = _project(self.request, self.kwargs["slug"])
        asked = WorklistQuerySerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        tasks = selectors.worklist(user).filter(project=project)
        if state := asked.validated_data.get("state"):
            tasks = tasks.filter(state=state)
        if asked.validated_data.get("mine"):
            tasks = tasks.filter(assignee=user)
        if asked.validated_data.get("review"):
            tasks = tasks.filter(selectors.waiting_for_review_by(user, project))
        return tasks


class TaskCounts(APIView):
    """How many tasks are where."""

    @extend_schema(operation_id="tasks_counts", responses=TaskCountsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        return Response(TaskCountsSerializer(selectors.counts(*_project(request, slug))).data)


class NextTask(APIView):
    """The case to work on now."""

    @extend_schema(operation_id="tasks_next", request=None, responses=TaskSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Claim the oldest open task, unless one of the user's own is in progress; 404 when nothing is waiting."""
        user, project = _project(request, slug)
        return _answer(request, services.claim_next(user=user, project=project).pk)


class TaskDetail(APIView):
    """One task."""

    @extend_schema(operation_id="tasks_retrieve", responses=TaskSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)


class TaskMove(APIView):
    """A move of a task from one state to another."""

    def user_and_task(self, request: Request, pk: int) -> tuple[User, Task]:
        user = signed_in(request)
        return user, selectors.task_for(user, pk)

    def seen_revision(self, request: Request) -> int | None:
        given = SeenRevisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        number: int | None = given.validated_data.get("revision")
        return number


class ClaimTask(TaskMove):
    """Take an open task."""

    @extend_schema(operation_id="tasks_claim", request=None, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        services.claim(user=user, task=task)
        return _answer(request, pk)


class ReleaseTask(TaskMove):
    """Give a task back to the others."""

    @extend_schema(operation_id="tasks_release", request=None, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        services.release(user=user, task=task)
        return _answer(request, pk)


class SubmitTask(TaskMove):
    """Hand a task to review."""

    @extend_schema(operation_id="tasks_submit", request=SubmitSerializer, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """409 with `detail: {reason: "checks", findings}` where the checks find an error, or a warning unticked."""
        user, task = self.user_and_task(request, pk)
        given = SubmitSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        revision = given.validated_data.get("revision")
        services.submit(user=user, task=task, revision=revision, accepted=given.validated_data["accepted"])
        return _answer(request, pk)


class ApproveTask(TaskMove):
    """Approve what was seen."""

    @extend_schema(operation_id="tasks_approve", request=SeenRevisionSerializer, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        services.approve(user=user, task=task, revision=self.seen_revision(request))
        return _answer(request, pk)


class ReturnTask(TaskMove):
    """Send a task back with a reason."""

    @extend_schema(operation_id="tasks_return", request=ReturnSerializer, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        given = ReturnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.return_task(
            user=user,
            task=task,
            revision=given.validated_data.get("revision"),
            reason=given.validated_data["reason"],
            remarks=[services.Pin(**pin) for pin in given.validated_data["remarks"]],
        )
        return _answer(request, pk)


class ReopenTask(TaskMove):
    """Take an approval or a withdrawal back."""

    @extend_schema(operation_id="tasks_reopen", request=None, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        services.reopen(user=user, task=task)
        return _answer(request, pk)


class WithdrawTask(TaskMove):
    """Take a task out of the work."""

    @extend_schema(operation_id="tasks_withdraw", request=None, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user, task = self.user_and_task(request, pk)
        services.withdraw(user=user, task=task)
        return _answer(request, pk)


class AskForSlices(TaskMove):
    """Ask for some slices of a volume, or for all of it."""

    @extend_schema(operation_id="tasks_ask", request=AskSerializer, responses=TaskSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Only until the case is submitted; what is drawn in other slices stays, and does not count."""
        user, task = self.user_and_task(request, pk)
        given = AskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        services.ask_for_slices(user=user, task=task, slices=given.validated_data["slices"])
        return _answer(request, pk)
