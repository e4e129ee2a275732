"""Patients, volumes and imports over HTTP."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.permissions import require, signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.errors import Conflict, DomainError, InvalidInput, NotAllowed
from backend.core.pagination import NewestFirst
from backend.imaging import selectors, services
from backend.imaging.api.serializers import (
    ImportRequestSerializer,
    ImportRunSerializer,
    PartitionRequestSerializer,
    PatientDetailSerializer,
    PatientSerializer,
    VolumeSerializer,
)
from backend.imaging.models import ImportRun, Partition, Patient
from backend.imaging.uploads import FolderUploadHandler, move_into, staging_folder


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
    """Imports of a project, newest first; files that are sent start another one."""

    serializer_class = ImportRunSerializer
    pagination_class = NewestFirst
    parser_classes = (MultiPartParser,)
    queryset = ImportRun.objects.none()
    staged: Path | None = None

    def get_queryset(self) -> QuerySet[ImportRun]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.MANAGE_CASES)
        return selectors.imports_of(project)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Decide where files go before any is read: the check for forged requests reads the body already."""
        if request.method == "POST":
            self.staged = staging_folder() if self._may_import(request) else None
            request.upload_handlers = [FolderUploadHandler(request, self.staged)]
        return super().initialize_request(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Whatever was not moved to an import is dropped."""
        if self.staged is not None:
            shutil.rmtree(self.staged, ignore_errors=True)
        return super().finalize_response(request, response, *args, **kwargs)

    @extend_schema(
        operation_id="imports_create",
        request={"multipart/form-data": ImportRequestSerializer},
        responses={202: ImportRunSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.MANAGE_CASES)
        body = ImportRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        if asked["import_id"] is None:
            run = services.open_import(user=user, project=project, source="upload", partition=asked["partition"])
        else:
            run = self._waiting(user, asked["import_id"], slug)
        if self.staged is None:  # the membership was given while the files were on their way
            raise NotAllowed("You could not import when the upload began; send the files again.")
        move_into(self.staged, Path(run.folder))
        if not asked["more"]:
            services.start_import(user=user, run=run)
        return Response(ImportRunSerializer(selectors.import_for(user, run.pk)).data, status=status.HTTP_202_ACCEPTED)

    def _waiting(self, user: User, import_id: int, slug: str) -> ImportRun:
        run = selectors.import_for(user, import_id)
        if run.project.slug != slug or run.started_by_id != user.pk:
            raise InvalidInput("import_id needs an import that you opened in this project.")
        if run.state != ImportRun.State.WAITING:
            raise Conflict("This import has begun already; start another one.")
        return run

    def _may_import(self, request: HttpRequest) -> bool:
        user = getattr(request, "user", None)  # absent while the schema is written
        if not isinstance(user, User):
            return False
        try:
            project_for(user, self.kwargs["slug"], Capability.MANAGE_CASES)
        except DomainError:
            return False
        return True
