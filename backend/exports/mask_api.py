"""One mask over HTTP, as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.exports.one_mask import Form, take_out, task_for

MAX_NUMBER = 2**31 - 1


class MaskFileQuerySerializer(serializers.Serializer[Any]):
    """Which revision."""

    revision = serializers.IntegerField(
        min_value=1,
        max_value=MAX_NUMBER,
        required=False,
        help_text="The approved one by default, the newest where none is approved.",
    )


class SegQuerySerializer(MaskFileQuerySerializer):
    """Which revision, in which form."""

    kind = serializers.ChoiceField(
        choices=["binary", "labelmap"],
        default="binary",
        help_text="binary: a bit map for each segment, which most programs read; labelmap: one map, smaller.",
    )


class NiftiView(APIView):
    """A mask as NIfTI."""

    @extend_schema(
        operation_id="task_mask_nifti",
        parameters=[MaskFileQuerySerializer],
        responses={(200, "application/gzip"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A .nii.gz of label values on the volume's grid."""
        asked = MaskFileQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return _answer(request, pk, asked.validated_data.get("revision"), "nifti")


class SegView(APIView):
    """A mask as DICOM SEG."""

    @extend_schema(
        operation_id="task_mask_seg",
        parameters=[SegQuerySerializer],
        responses={(200, "application/dicom"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """A DICOM Segmentation that refers to the volume's images by their stand-ins; 409 where there are none."""
        asked = SegQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return _answer(request, pk, asked.validated_data.get("revision"), asked.validated_data["kind"])


def _answer(request: Request, pk: int, number: int | None, form: Form) -> HttpResponse:
    user = signed_in(request)
    file = take_out(user=user, task=task_for(user, pk), number=number, form=form)
    return HttpResponse(
        file.content,
        content_type=file.content_type,
        headers={"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "private, no-store"},
    )
