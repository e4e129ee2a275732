"""A model's doubt about a case over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.learning.doubt_pictures import doubt_picture
from backend.learning.doubts import doubt_for


class DoubtSerializer(serializers.Serializer[Any]):
    """How unsure a model was of a case. model: its number, null where no model's doubt may be shown or none is known.

    slices: mean normalised entropy of each stored slice z, 0 sure to 1 clueless.
    """

    model = serializers.IntegerField(allow_null=True)
    slices = serializers.ListField(child=serializers.FloatField(), allow_null=True)


class DoubtView(APIView):
    """Where a model was unsure of a case."""

    @extend_schema(operation_id="tasks_doubt", responses=DoubtSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Nothing for a case of the benchmark or a second reading: both are drawn unaided."""
        found = doubt_for(signed_in(request), pk)
        told = (
            {"model": found.model_version.number, "slices": found.slice_entropy or None}
            if found is not None
            else {"model": None, "slices": None}
        )
        return Response(DoubtSerializer(told).data)


class DoubtPictureView(APIView):
    """The most doubtful slice of a case with the doubt in colour on it."""

    @extend_schema(
        operation_id="tasks_doubt_picture",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """404 for a case of the benchmark or a second reading, and where no picture was kept."""
        picture = doubt_picture(signed_in(request), pk)
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, max-age=300"})
