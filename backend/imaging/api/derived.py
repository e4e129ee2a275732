"""Derived channels over HTTP: what there can be, asking for one, its pixels and projections."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.imaging.api.images import blob_response, chunk_response, versioned
from backend.imaging.derived import selectors, services
from backend.imaging.derived.selectors import Offer
from backend.imaging.models import DerivedChannel, JobState


class DerivedPixelsSerializer(serializers.ModelSerializer[DerivedChannel]):
    """Pixels of a derived channel, in the words of a phase: stored × slope + intercept is the value."""

    chunks = serializers.SerializerMethodField()

    class Meta:
        model = DerivedChannel
        fields = ("codec", "slices_per_chunk", "chunks", "slope", "intercept", "window_low", "window_high")
        read_only_fields = fields

    def get_chunks(self, row: DerivedChannel) -> list[str]:
        base = f"/api/volumes/{row.volume_id}/derived/{row.key}/chunks"
        return [versioned(f"{base}/{number}", digest) for number, digest in enumerate(row.chunks)]


class DerivedSerializer(serializers.Serializer[Any]):
    """A channel that the volume can have. state: null while nobody asked for it; pixels: null until it is ready.

    projections: address of the maximum intensity projection by plane. remark: what one must know to read it.
    """

    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    remark = serializers.CharField()
    state = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    pixels = serializers.SerializerMethodField()
    projections = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=JobState.choices, allow_null=True))
    def get_state(self, offer: Offer) -> str | None:
        return None if offer.row is None else offer.row.state

    def get_message(self, offer: Offer) -> str:
        return "" if offer.row is None else offer.row.message

    @extend_schema_field(DerivedPixelsSerializer(allow_null=True))
    def get_pixels(self, offer: Offer) -> dict[str, Any] | None:
        row = offer.row
        return None if row is None or row.state != JobState.READY else dict(DerivedPixelsSerializer(row).data)

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_projections(self, offer: Offer) -> dict[str, str]:
        if offer.row is None or offer.row.state != JobState.READY:
            return {}
        base = f"/api/volumes/{offer.volume.pk}/derived/{offer.key}/projections"
        return {plane: versioned(f"{base}/{plane}", digest) for plane, digest in offer.row.projections.items()}


class DeriveRequestSerializer(serializers.Serializer[Any]):
    """key: `phase2-phase0`, `phase2-phase0-percent`, `dce_in`, `dce_out`, or `phase2` for its projections."""

    key = serializers.CharField(max_length=80)


class DerivedView(APIView):
    """The channels that a volume can have."""

    @extend_schema(operation_id="derived_list", responses=DerivedSerializer(many=True))
    def get(self, request: Request, volume_id: int) -> Response:
        return Response(DerivedSerializer(selectors.offers_for(signed_in(request), volume_id), many=True).data)

    @extend_schema(operation_id="derived_create", request=DeriveRequestSerializer, responses={202: DerivedSerializer})
    def post(self, request: Request, volume_id: int) -> Response:
        user = signed_in(request)
        volume, _ = selectors.volume_with_phases(user, volume_id)
        body = DeriveRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.derive(user=user, volume=volume, key=body.validated_data["key"])
        made = selectors.offer_for(user, volume_id, row.key)
        return Response(DerivedSerializer(made).data, status=status.HTTP_202_ACCEPTED)


class DerivedChannelView(APIView):
    """One channel and how far it is."""

    @extend_schema(operation_id="derived_retrieve", responses=DerivedSerializer)
    def get(self, request: Request, volume_id: int, key: str) -> Response:
        return Response(DerivedSerializer(selectors.offer_for(signed_in(request), volume_id, key)).data)


class DerivedChunkView(APIView):
    """A block of slices of a derived channel, as those of a phase."""

    @extend_schema(
        operation_id="derived_chunks_retrieve",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, volume_id: int, key: str, number: int) -> HttpResponseBase:
        return chunk_response(request, selectors.chunk_for(signed_in(request), volume_id, key, number))


class ProjectionView(APIView):
    """The maximum intensity projection of a derived channel, upright: `axial`, `coronal` or `sagittal`."""

    @extend_schema(
        operation_id="derived_projections_retrieve",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, volume_id: int, key: str, plane: str) -> HttpResponseBase:
        digest = selectors.projection_for(signed_in(request), volume_id, key, plane)
        return blob_response(request, digest, content_type="image/png")
