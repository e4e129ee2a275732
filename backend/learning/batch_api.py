"""Batches over HTTP: how cases can be chosen, which would be, which were and why."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Project, User
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.pagination import NewestFirst
from backend.imaging.api.serializers import thumbnail_url
from backend.learning import querying
from backend.learning.batches import WaitingCases, batches_of, waiting_cases
from backend.learning.models import Batch, Pick
from backend.learning.querying import MAX_SIZE, Wish
from ml.query.batches import Arm
from ml.query.strategies import Strategy

STRATEGIES = [strategy.value for strategy in Strategy]
MAX_SEED = 2**53 - 1
"""The largest whole number that a browser counts exactly."""


class StrategySerializer(serializers.Serializer[Any]):
    """A way to choose. cases: how many of the waiting ones it can say something of; good_for, needs: in words."""

    strategy = serializers.ChoiceField(choices=STRATEGIES)
    name = serializers.CharField()
    good_for = serializers.CharField()
    needs = serializers.CharField()
    cases = serializers.IntegerField()


class StrategiesSerializer(serializers.Serializer[WaitingCases]):
    """What can be chosen from. model: number of the active one, null before the first."""

    model = serializers.IntegerField(allow_null=True)
    cases = serializers.IntegerField()
    patients = serializers.IntegerField()
    strategies = StrategySerializer(many=True)


class WishSerializer(serializers.Serializer[Wish]):
    """What a batch shall be. random_share: of the cases, at least one, drawn by lot."""

    strategy = serializers.ChoiceField(choices=STRATEGIES)
    size = serializers.IntegerField(min_value=2, max_value=MAX_SIZE)
    random_share = serializers.FloatField(min_value=0, max_value=1)
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED)

    def wish(self) -> Wish:
        """The body, checked. Raises ValidationError."""
        self.is_valid(raise_exception=True)
        given = self.validated_data
        return Wish(Strategy(given["strategy"]), given["size"], given["random_share"], given["seed"])


class PickSerializer(serializers.ModelSerializer[Pick]):
    """A case of a batch, and why. arm: `random` was drawn by lot. score: null for what was drawn by lot or by age."""

    task = serializers.IntegerField(source="task_id")
    pseudonym = serializers.CharField(source="task.patient.pseudonym")
    state = serializers.CharField(source="task.state")
    place = serializers.IntegerField()
    arm = serializers.ChoiceField(choices=[arm.value for arm in Arm])
    score = serializers.FloatField(allow_null=True)
    values = serializers.DictField(child=serializers.FloatField())
    thumbnail = serializers.SerializerMethodField()
    picture = serializers.SerializerMethodField(help_text="Where the model is unsure; null where no picture was kept.")

    class Meta:
        model = Pick
        fields = ("task", "pseudonym", "state", "place", "arm", "score", "reason", "values", "thumbnail", "picture")
        read_only_fields = fields

    def get_thumbnail(self, pick: Pick) -> str:
        return thumbnail_url(pick.task.volume_id)

    def get_picture(self, pick: Pick) -> str | None:
        return f"/api/tasks/{pick.task_id}/doubt/picture" if getattr(pick, "has_picture", False) else None


class PreviewSerializer(serializers.Serializer[querying.Proposed]):
    """The batch that a wish gives now; nothing is stored. cases: how many it was chosen from."""

    model = serializers.IntegerField(source="model.number", default=None, allow_null=True)
    cases = serializers.IntegerField()
    picks = PickSerializer(many=True)


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """A batch, its picks in the order of the work. model: whose scores it was chosen by."""

    strategy = serializers.ChoiceField(choices=STRATEGIES)
    random_share = serializers.FloatField()
    seed = serializers.IntegerField()
    model = serializers.IntegerField(source="model_version.number", default=None, allow_null=True)
    started_by = serializers.CharField(source="started_by.display_name", default=None, allow_null=True)
    picks = PickSerializer(many=True)

    class Meta:
        model = Batch
        fields = (
            "number",
            "strategy",
            "size",
            "random_share",
            "seed",
            "model",
            "cases",
            "started_by",
            "created_at",
            "picks",
        )
        read_only_fields = fields


class StrategiesView(APIView):
    """How cases can be chosen, and what of them is known."""

    @extend_schema(operation_id="strategies_list", responses=StrategiesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_ROUNDS)
        return Response(StrategiesSerializer(waiting_cases(project)).data)


class BatchesView(generics.ListAPIView[Batch]):
    """Batches of a project, newest first. Not for annotators: a batch tells which cases chance has picked."""

    serializer_class = BatchSerializer
    pagination_class = NewestFirst
    queryset = Batch.objects.none()

    @extend_schema(operation_id="batches_list")
    def get(self, request: Request, *_: Any, **__: Any) -> Response:
        project = project_for(signed_in(request), self.kwargs["slug"], Capability.VIEW_ROUNDS)
        page = self.paginate_queryset(batches_of(project)) or []
        return self.get_paginated_response(BatchSerializer(page, many=True).data)

    @extend_schema(operation_id="batches_start", request=WishSerializer, responses={201: BatchSerializer})
    def post(self, request: Request, slug: str) -> Response:
        user, project, wish = _asked(request, slug)
        batch = querying.start_batch(project=project, actor=user, wish=wish)
        return Response(BatchSerializer(batches_of(project).get(pk=batch.pk)).data, status=status.HTTP_201_CREATED)


class BatchPreviewView(APIView):
    """What a wish would give."""

    @extend_schema(operation_id="batches_preview", request=WishSerializer, responses=PreviewSerializer)
    def post(self, request: Request, slug: str) -> Response:
        user, project, wish = _asked(request, slug)
        return Response(PreviewSerializer(querying.preview_batch(project=project, actor=user, wish=wish)).data)


def _asked(request: Request, slug: str) -> tuple[User, Project, Wish]:
    user = signed_in(request)
    project = project_for(user, slug, Capability.MANAGE_ROUNDS)
    return user, project, WishSerializer(data=request.data).wish()
