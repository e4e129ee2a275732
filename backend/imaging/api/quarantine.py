"""Studies that could not come in, over HTTP, and imports that shall end."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.errors import InvalidInput
from backend.core.pagination import NewestFirst
from backend.imaging import selectors
from backend.imaging.api.serializers import ImportRunSerializer, ReportLineSerializer
from backend.imaging.models import HeldStudy
from backend.imaging.quarantine import services
from backend.imaging.quarantine.selectors import held_studies_of, held_study_for
from backend.imaging.services import cancel_import


class HeldStudySerializer(serializers.ModelSerializer[HeldStudy]):
    """A study in quarantine.

    import_id: the import that refused it last; resolved_by: the one that tries it again, or took it in.
    can_retry: its files are there.
    """

    import_id = serializers.IntegerField(source="run_id", read_only=True)
    reasons = ReportLineSerializer(many=True, read_only=True)
    resolved_by = serializers.IntegerField(source="resolved_by_id", allow_null=True, read_only=True)
    can_retry = serializers.SerializerMethodField()

    class Meta:
        model = HeldStudy
        fields = (
            "id",
            "import_id",
            "subject",
            "reasons",
            "files",
            "state",
            "resolved_by",
            "can_retry",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_can_retry(self, held: HeldStudy) -> bool:
        return held.state == HeldStudy.State.HELD and bool(held.folder)


@extend_schema_view(
    get=extend_schema(
        operation_id="held_studies_list",
        parameters=[OpenApiParameter("state", str, enum=HeldStudy.State.values)],
    )
)
class HeldStudiesView(generics.ListAPIView[HeldStudy]):
    """Studies of a project that could not come in, newest first."""

    serializer_class = HeldStudySerializer
    pagination_class = NewestFirst
    queryset = HeldStudy.objects.none()

    def get_queryset(self) -> QuerySet[HeldStudy]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.MANAGE_CASES)
        state = self.request.query_params.get("state", "")
        if state and state not in HeldStudy.State.values:
            raise InvalidInput(f"state needs one of {', '.join(HeldStudy.State.values)}, got {state[:20]!r}.")
        return held_studies_of(project, state=state)


class HeldStudyView(APIView):
    """One of them."""

    @extend_schema(operation_id="held_studies_retrieve", responses=HeldStudySerializer)
    def get(self, request: Request, held_id: int) -> Response:
        return Response(HeldStudySerializer(held_study_for(signed_in(request), held_id)).data)

    @extend_schema(operation_id="held_studies_drop", request=None, responses=HeldStudySerializer)
    def delete(self, request: Request, held_id: int) -> Response:
        """Remove its files for good."""
        user = signed_in(request)
        return Response(HeldStudySerializer(services.drop(user=user, held=held_study_for(user, held_id))).data)


class RetryView(APIView):
    """Another try at a held study."""

    @extend_schema(operation_id="held_studies_retry", request=None, responses={202: ImportRunSerializer})
    def post(self, request: Request, held_id: int) -> Response:
        user = signed_in(request)
        run = services.retry(user=user, held=held_study_for(user, held_id))
        return _import(user, run.pk)


class CancelView(APIView):
    """The end of an import before its last study; what is in stays in."""

    @extend_schema(operation_id="imports_cancel", request=None, responses={202: ImportRunSerializer})
    def post(self, request: Request, import_id: int) -> Response:
        user = signed_in(request)
        cancel_import(user=user, run=selectors.import_for(user, import_id))
        return _import(user, import_id)


def _import(user: Any, import_id: int) -> Response:
    run = selectors.import_for(user, import_id)
    return Response(ImportRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)
