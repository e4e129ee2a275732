"""Models over HTTP: card files, promotion by hand, retirement, files in and out."""

from __future__ import annotations

import tempfile
from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.learning import model_files, registry, selectors, telling
from backend.learning.api import told_round
from backend.learning.models import ModelVersion
from backend.learning.serializers import (
    ModelChangeSerializer,
    ModelImportSerializer,
    ModelVersionSerializer,
    PresetSerializer,
    RoundSerializer,
)
from ml.contracts import PRESETS, settings_json

_IN_MEMORY_BYTES = 16 * 2**20


class PresetsView(APIView):
    """What a training can be told."""

    @extend_schema(operation_id="presets_list", responses=PresetSerializer(many=True))
    def get(self, request: Request) -> Response:
        signed_in(request)
        rows = [{"name": name, "settings": settings_json(preset)} for name, preset in PRESETS.items()]
        return Response(PresetSerializer(rows, many=True).data)


class PromoteView(APIView):
    """Promotion by hand: a roll back, or against the rule."""

    @extend_schema(operation_id="models_promote", request=ModelChangeSerializer, responses=ModelVersionSerializer)
    def post(self, request: Request, slug: str, model: int) -> Response:
        user = signed_in(request)
        row = _model(request, slug, model, Capability.MANAGE_ROUNDS)
        registry.promote_model(model=row, actor=user, reason=_reason(request))
        return _told(row)


class RetireView(APIView):
    """Taking a model out of use."""

    @extend_schema(operation_id="models_retire", request=ModelChangeSerializer, responses=ModelVersionSerializer)
    def post(self, request: Request, slug: str, model: int) -> Response:
        user = signed_in(request)
        row = _model(request, slug, model, Capability.MANAGE_ROUNDS)
        registry.retire_model(model=row, actor=user, reason=_reason(request))
        return _told(row)


class ModelFileView(APIView):
    """A model as a zip that nnU-Net and another Ninefold take in."""

    @extend_schema(
        operation_id="models_download", responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)}
    )
    def get(self, request: Request, slug: str, model: int) -> FileResponse:
        user = signed_in(request)
        row = _model(request, slug, model, Capability.EXPORT)
        out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the response closes it
        model_files.write_zip(row, out)
        registry.record_download(model=row, actor=user)
        out.seek(0)
        return FileResponse(
            out, as_attachment=True, filename=model_files.file_name(row), content_type="application/zip"
        )


class ImportModelView(APIView):
    """Starting from a model that was trained elsewhere."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="models_import",
        request={"multipart/form-data": ModelImportSerializer},
        responses={201: RoundSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        project = project_for(user, slug, Capability.MANAGE_ROUNDS)
        body = ModelImportSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(body.validated_data)
        file = given.pop("file")
        turn = registry.adopt_model(project=project, actor=user, file=file, name=file.name, **given)
        return Response(told_round(project, turn), status=status.HTTP_201_CREATED)


def _model(request: Request, slug: str, number: int, capability: Capability) -> ModelVersion:
    project = project_for(signed_in(request), slug, capability)
    return selectors.model_of(project, number)


def _reason(request: Request) -> str:
    body = ModelChangeSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    reason: str = body.validated_data["reason"]
    return reason


def _told(model: ModelVersion) -> Response:
    view = next(view for view in telling.model_views(model.project) if view.row.pk == model.pk)
    return Response(ModelVersionSerializer(view).data)
