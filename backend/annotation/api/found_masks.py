"""Existing masks over HTTP: what was found, what its segments may mean, and making it a starting point."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.annotation import found_masks, imported
from backend.annotation.api.found_mask_serializers import (
    ApplySerializer,
    FoundMaskDetailSerializer,
    FoundMaskSerializer,
    FoundMasksQuerySerializer,
    MaskFileSerializer,
    SegmentPlaceSerializer,
)
from backend.annotation.imported import Earlier, Wish
from backend.core.errors import TooLarge
from backend.core.pagination import OldestFirst
from backend.imaging.found_masks import MAX_FILE_BYTES, add_mask_file, discard_found_mask
from backend.imaging.models import FoundMask

ROOM_FOR_FORM = 64 * 1024  # bytes of a form around its file


@extend_schema_view(get=extend_schema(operation_id="found_masks_list", parameters=[FoundMasksQuerySerializer]))
class FoundMasksView(ListAPIView[FoundMask]):
    """Existing masks of a project, oldest first; for those who manage its cases."""

    serializer_class = FoundMaskSerializer
    pagination_class = OldestFirst
    queryset = FoundMask.objects.none()

    def get_queryset(self) -> QuerySet[FoundMask]:
        project = project_for(signed_in(self.request), self.kwargs["slug"], Capability.MANAGE_CASES)
        asked = FoundMasksQuerySerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return found_masks.found_masks_of(project, **asked.validated_data)


class AddMaskView(APIView):
    """A mask file for a volume."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        operation_id="found_masks_add",
        request={"multipart/form-data": MaskFileSerializer},
        responses={201: FoundMaskDetailSerializer},
    )
    def post(self, request: Request, volume_id: int) -> Response:
        """NIfTI, NRRD, MetaImage or DICOM SEG, up to 256 MiB, on the volume's own grid; nothing is resampled.

        400 with what differs where the file does not lie on that grid.
        """
        user = signed_in(request)
        volume = found_masks.volume_for(user, volume_id)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FILE_BYTES + ROOM_FOR_FORM:  # before the body is read
            raise TooLarge(f"A mask file takes up to {MAX_FILE_BYTES // 2**20} MiB.")
        given = MaskFileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["file"]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "mask")
            with path.open("wb") as stream:
                stream.writelines(file.chunks())
            found = add_mask_file(user=user, volume=volume, path=path, name=file.name)
        return Response(_detail(user, found.pk), status=status.HTTP_201_CREATED)


class FoundMaskView(APIView):
    """One existing mask."""

    @extend_schema(operation_id="found_masks_retrieve", responses=FoundMaskDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(request, pk)


class SegmentView(APIView):
    """Where a segment lies."""

    @extend_schema(operation_id="found_masks_segment", responses=SegmentPlaceSerializer)
    def get(self, request: Request, pk: int, segment: int) -> Response:
        found = found_masks.found_mask_for(signed_in(request), pk)
        return Response(SegmentPlaceSerializer(found_masks.place_of(found, segment)).data)


class ApplyView(APIView):
    """Draw an existing mask into its case."""

    @extend_schema(operation_id="found_masks_apply", request=ApplySerializer, responses=FoundMaskDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """The mask becomes the newest revision of a case that nobody has begun. Every segment has to be decided.

        409 with `detail.needs`: `order` (labels meet in a voxel; `detail.meetings` says which), `earlier` (the case
        holds an imported mask), `drawn_unaided` (a case of the benchmark).
        """
        user = signed_in(request)
        found = found_masks.found_mask_for(user, pk)
        given = ApplySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        imported.apply_found_mask(user=user, found=found, wish=_wish(given.validated_data))
        return _answer(request, pk)


class DiscardView(APIView):
    """Put an existing mask aside."""

    @extend_schema(operation_id="found_masks_discard", request=None, responses=FoundMaskDetailSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user = signed_in(request)
        discard_found_mask(user=user, found=found_masks.found_mask_for(user, pk))
        return _answer(request, pk)


def _answer(request: Request, pk: int) -> Response:
    return Response(_detail(signed_in(request), pk))


def _detail(user: User, pk: int) -> dict[str, Any]:
    found = found_masks.found_mask_for(user, pk)
    return dict(FoundMaskDetailSerializer(found_masks.offer_of(found)).data)


def _wish(given: dict[str, Any]) -> Wish:
    return Wish(
        labels={row["segment"]: row["label"] for row in given["labels"]},
        order=given["order"],
        earlier=Earlier(given["earlier"]) if given.get("earlier") else None,
        drawn_unaided=given["drawn_unaided"],
    )
