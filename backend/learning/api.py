"""Rounds, runs and models over HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Project, User
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.pagination import NewestFirst
from backend.learning import places, selectors, services, telling
from backend.learning.models import Round
from backend.learning.serializers import (
    EvaluationSerializer,
    ModelCardSerializer,
    ModelVersionSerializer,
    RoundSerializer,
    RoundStartSerializer,
    RunProgressSerializer,
)

PROGRESS_LINES = 2000
"""Most lines in one answer; a reader asks again with the last id."""


class RoundsView(generics.ListAPIView[Round]):
    """Rounds of a project, newest first."""

    serializer_class = RoundSerializer
    pagination_class = NewestFirst
    queryset = Round.objects.none()

    @extend_schema(operation_id="rounds_list")
    def get(self, request: Request, *_: Any, **__: Any) -> Response:
        project = self._project(signed_in(request))
        page = self.paginate_queryset(selectors.rounds_of(project)) or []
        return self.get_paginated_response(RoundSerializer(telling.round_views(project, page), many=True).data)

    @extend_schema(operation_id="rounds_start", request=RoundStartSerializer, responses={201: RoundSerializer})
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.MANAGE_ROUNDS)
        body = RoundStartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        turn = services.start_round(project=project, actor=user, **body.validated_data)
        return Response(told_round(project, turn), status=status.HTTP_201_CREATED)

    def _project(self, user: User) -> Project:
        return project_for(user, self.kwargs["slug"], Capability.VIEW_ROUNDS)


class RoundView(APIView):
    """One round."""

    @extend_schema(operation_id="rounds_retrieve", responses=RoundSerializer)
    def get(self, request: Request, **route: int) -> Response:
        turn = selectors.round_for(signed_in(request), route["id"])
        return Response(told_round(turn.project, turn))


class RoundProgressView(APIView):
    """What the curves of a round's training are drawn from."""

    @extend_schema(
        operation_id="rounds_progress",
        parameters=[OpenApiParameter("after", int, description="Only lines stored after the one of this id.")],
        responses=RunProgressSerializer(many=True),
    )
    def get(self, request: Request, **route: int) -> Response:
        turn = selectors.round_for(signed_in(request), route["id"])
        after = serializers.IntegerField(min_value=0).run_validation(request.query_params.get("after", "0"))
        lines = selectors.progress_after(turn, after)[:PROGRESS_LINES]
        return Response(RunProgressSerializer(lines, many=True).data)


class RoundCancelView(APIView):
    """Stopping a round."""

    @extend_schema(operation_id="rounds_cancel", request=None, responses=RoundSerializer)
    def post(self, request: Request, **route: int) -> Response:
        user = signed_in(request)
        turn = selectors.round_for(user, route["id"], Capability.MANAGE_ROUNDS)
        return Response(told_round(turn.project, services.cancel_round(turn=turn, actor=user)))


class RoundRetryView(APIView):
    """Letting a failed round go on."""

    @extend_schema(operation_id="rounds_retry", request=None, responses=RoundSerializer)
    def post(self, request: Request, **route: int) -> Response:
        user = signed_in(request)
        turn = selectors.round_for(user, route["id"], Capability.MANAGE_ROUNDS)
        return Response(told_round(turn.project, services.retry_round(turn=turn, actor=user)))


class RunLogView(APIView):
    """The end of a run's log."""

    @extend_schema(operation_id="runs_log", responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request, **route: int) -> HttpResponse:
        run = selectors.run_for(signed_in(request), route["id"])
        return HttpResponse(places.log_tail(run.pk), content_type="text/plain; charset=utf-8")


class ModelsView(APIView):
    """The model registry of a project."""

    @extend_schema(operation_id="models_list", responses=ModelVersionSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_ROUNDS)
        return Response(ModelVersionSerializer(telling.model_views(project), many=True).data)


class EvaluationsView(APIView):
    """How every scored model did on the benchmark."""

    @extend_schema(operation_id="evaluations_list", responses=EvaluationSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_ROUNDS)
        return Response(EvaluationSerializer(telling.evaluation_views(project), many=True).data)


class ModelCardView(APIView):
    """What the benchmark says of one model, with how far each figure can be trusted."""

    @extend_schema(operation_id="model_cards_retrieve", responses=ModelCardSerializer)
    def get(self, request: Request, slug: str, model: int) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_ROUNDS)
        return Response(ModelCardSerializer(telling.model_card(project, model)).data)


def told_round(project: Project, turn: Round) -> Any:
    """A round as the API answers it."""
    row: QuerySet[Round] = selectors.rounds_of(project).filter(pk=turn.pk)
    return RoundSerializer(telling.round_views(project, list(row))[0]).data
