"""Snapshots and the files made of them, over HTTP."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.core.pagination import NewestFirst
from backend.exports import selectors, services
from backend.exports.models import Snapshot
from backend.exports.serializers import (
    DatasetFileOrderSerializer,
    DatasetFileSerializer,
    SnapshotDetailSerializer,
    SnapshotSerializer,
)


@extend_schema_view(get=extend_schema(operation_id="snapshots_list"))
class SnapshotsView(generics.ListAPIView[Snapshot]):
    """Snapshots of a project, newest first; a new one freezes what is approved."""

    serializer_class = SnapshotSerializer
    pagination_class = NewestFirst
    queryset = Snapshot.objects.none()

    def get_queryset(self):  # type: ignore[no-untyped-def]  # annotations are not in the base class's type
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.EXPORT)
        return selectors.snapshots().filter(project=project)

    @extend_schema(operation_id="snapshots_create", request=None, responses={201: SnapshotSerializer})
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.EXPORT)
        made = services.freeze_snapshot(project=project, actor=user)
        snapshot = selectors.snapshot_for(user, made.pk)
        return Response(SnapshotSerializer(snapshot).data, status=status.HTTP_201_CREATED)


class SnapshotView(APIView):
    """One snapshot with its cases."""

    @extend_schema(operation_id="snapshots_retrieve", responses=SnapshotDetailSerializer)
    def get(self, request: Request, **route: int) -> Response:
        snapshot = selectors.snapshot_for(signed_in(request), route["id"])
        return Response(SnapshotDetailSerializer(snapshot).data)


class SnapshotFilesView(APIView):
    """Orders for files of a snapshot."""

    @extend_schema(
        operation_id="snapshot_files_create", request=DatasetFileOrderSerializer, responses={202: DatasetFileSerializer}
    )
    def post(self, request: Request, **route: int) -> Response:
        user = signed_in(request)
        snapshot = selectors.snapshot_for(user, route["id"])
        body = DatasetFileOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        made = services.request_file(snapshot=snapshot, actor=user, file_format=body.validated_data["format"])
        file = selectors.dataset_file_for(user, made.pk)
        return Response(DatasetFileSerializer(file).data, status=status.HTTP_202_ACCEPTED)


class DatasetFileView(APIView):
    """How far a dataset file is."""

    @extend_schema(operation_id="dataset_files_retrieve", responses=DatasetFileSerializer)
    def get(self, request: Request, **route: int) -> Response:
        return Response(DatasetFileSerializer(selectors.dataset_file_for(signed_in(request), route["id"])).data)


class DatasetFileDownloadView(APIView):
    """The file itself."""

    @extend_schema(
        operation_id="dataset_files_download",
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, **route: int) -> HttpResponseBase:
        user = signed_in(request)
        file = selectors.dataset_file_for(user, route["id"])
        path = services.record_download(file=file, actor=user)
        if settings.ACCEL_REDIRECT:
            response = HttpResponse(content_type="application/zip")
            response["X-Accel-Redirect"] = f"/_exports/{path.name}"
            response["Content-Disposition"] = f'attachment; filename="{file.name}"'
            return response
        return FileResponse(path.open("rb"), as_attachment=True, filename=file.name, content_type="application/zip")
