"""Patients, volumes and imports over HTTP."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import require, signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.errors import InvalidInput
from backend.core.pagination import NewestFirst
from backend.imaging import selectors, services
from backend.imaging.api.serializers import (
    ImportRunSerializer,
    PartitionRequestSerializer,
    PatientDetailSerializer,
    PatientSerializer,
    VolumeSerializer,
)
from backend.imaging.models import ImportRun, Partition, Patient


@extend_schema_view(
    get=extend_schema(
        operation_id="patients_list", parameters=[OpenApiParameter("partition", str, enum=Partition.values)]
    )
)
class PatientsView(generics.ListAPIView[Patient]):
    """Patients of a project, newest first."""

    serializer_class = PatientSerializer
    pagination_class = NewestFirst
    queryset = Patient.objects.none()

    def get_queryset(self) -> QuerySet[Patient]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.VIEW_CASES)
        partition = self.request.query_params.get("partition", "")
        if partition and partition not in Partition.values:
            raise InvalidInput(f"partition needs POOL or BENCHMARK, got {partition[:20]!r}.")
        return selectors.patients_of(project, partition=partition)


class PatientView(APIView):
    """One patient with studies, series and volumes."""

    @extend_schema(operation_id="patients_retrieve", responses=PatientDetailSerializer)
    def get(self, request: Request, patient_id: int) -> Response:
        return Response(PatientDetailSerializer(selectors.patient_for(signed_in(request), patient_id)).data)


class PartitionView(APIView):
    """The side of the wall on which a patient is, set once."""

    @extend_schema(
        operation_id="patients_set_partition", request=PartitionRequestSerializer, responses=PatientDetailSerializer
    )
    def post(self, request: Request, patient_id: int) -> Response:
        user = signed_in(request)
        patient = selectors.patient_for(user, patient_id)
        require(user, patient.project, Capability.MANAGE_CASES)
        body = PartitionRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        services.assign_partition(user=user, patient=patient, partition=body.validated_data["partition"])
        return Response(PatientDetailSerializer(selectors.patient_for(user, patient_id)).data)


class VolumeView(APIView):
    """One volume with its phases."""

    @extend_schema(operation_id="volumes_retrieve", responses=VolumeSerializer)
    def get(self, request: Request, volume_id: int) -> Response:
        return Response(VolumeSerializer(selectors.volume_for(signed_in(request), volume_id)).data)


class ImportView(APIView):
    """How far an import is, and its report."""

    @extend_schema(operation_id="imports_retrieve", responses=ImportRunSerializer)
    def get(self, request: Request, import_id: int) -> Response:
        return Response(ImportRunSerializer(selectors.import_for(signed_in(request), import_id)).data)


@extend_schema_view(get=extend_schema(operation_id="imports_list"))
class ImportsView(generics.ListAPIView[ImportRun]):
    """Imports of a project, newest first."""

    serializer_class = ImportRunSerializer
    pagination_class = NewestFirst
    queryset = ImportRun.objects.none()

    def get_queryset(self) -> QuerySet[ImportRun]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.MANAGE_CASES)
        return selectors.imports_of(project)
