"""Who the patients are, for managers: each look, search and download is recorded, so each is a POST."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.pagination import NewestFirst
from backend.imaging import identities, selectors
from backend.imaging.models import Partition, Patient

MAX_IDENTIFIER = 200


class KnownPatientSerializer(serializers.ModelSerializer[Patient]):
    """A patient whose identity may be asked for. identities: under how many identifiers the patient came."""

    partition = serializers.ChoiceField(choices=Partition.choices, allow_null=True, read_only=True)
    identities = serializers.IntegerField(source="identity_count", read_only=True)

    class Meta:
        model = Patient
        fields = ("id", "pseudonym", "partition", "identities")
        read_only_fields = fields


class IdentitySerializer(serializers.Serializer[Any]):
    """Who a patient is in the files that came; birth_date: YYYY-MM-DD or empty."""

    identifier = serializers.CharField(source="patient_id")
    issuer = serializers.CharField()
    name = serializers.CharField()
    birth_date = serializers.CharField()


class IdentifierSerializer(serializers.Serializer[Any]):
    """An identifier that somebody looks for, as it stands on a letter."""

    identifier = serializers.CharField(max_length=MAX_IDENTIFIER)


@extend_schema_view(
    get=extend_schema(
        operation_id="identities_list",
        parameters=[OpenApiParameter("pseudonym", OpenApiTypes.STR, description="A part of the pseudonym.")],
    )
)
class IdentitiesView(generics.ListAPIView[Patient]):
    """Patients of a project, newest first, without who they are."""

    serializer_class = KnownPatientSerializer
    pagination_class = NewestFirst
    queryset = Patient.objects.none()

    def get_queryset(self) -> QuerySet[Patient]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.VIEW_IDENTITIES)
        part = self.request.query_params.get("pseudonym", "")
        return identities.listed(project).filter(pseudonym__icontains=part)


class IdentitySearchView(APIView):
    """Patients by the exact identifier they came under. It travels in the body, so that no log of addresses has it."""

    @extend_schema(
        operation_id="identities_search", request=IdentifierSerializer, responses=KnownPatientSerializer(many=True)
    )
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.VIEW_IDENTITIES)
        body = IdentifierSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        found = identities.search(user=user, project=project, identifier=body.validated_data["identifier"])
        return Response(KnownPatientSerializer(found, many=True).data)


class IdentityTableView(APIView):
    """The whole pseudonym table as CSV."""

    @extend_schema(
        operation_id="identities_table",
        request=None,
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, description="The table.")},
    )
    def post(self, request: Request, slug: str) -> HttpResponse:
        user = signed_in(request)
        project = project_for(user, slug, Capability.VIEW_IDENTITIES)
        return HttpResponse(
            identities.table(user=user, project=project),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{project.slug}-pseudonyms.csv"',
                "Cache-Control": "no-store",
            },
        )


class IdentityView(APIView):
    """Who one patient is."""

    @extend_schema(operation_id="patients_identities", request=None, responses=IdentitySerializer(many=True))
    def post(self, request: Request, patient_id: int) -> Response:
        user = signed_in(request)
        found = identities.look(user=user, patient=selectors.patient_for(user, patient_id))
        return Response(IdentitySerializer(found, many=True).data, headers={"Cache-Control": "no-store"})
