"""Masks over the wire: BMM1 bundles of slices, gzip-compressed, each revision known by its number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO, Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.annotation import masks, selectors, services
from backend.annotation.api.serializers import MAX_NUMBER, RevisionSerializer, SavedSerializer
from backend.annotation.models import Revision
from backend.annotation.slice_ranges import read_cells
from backend.core.errors import InvalidInput, TooLarge
from backend.core.pagination import NewestFirst, OldestFirst

BUNDLE_TYPE = "application/x-bmm"
MAX_BODY_BYTES = 16 * 1024 * 1024
BINARY = {(200, BUNDLE_TYPE): OpenApiTypes.BINARY}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description='Number of the revision that was drawn on, in quotes: "3"; "0" before the first. 428 without it.',
)
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="Names this save, up to 64 characters; sent again, the first answer comes back and nothing is written.",
)


ACCEPTED = OpenApiParameter(
    "Proposal-Accepted",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Which parts of the draft are in the mask with this save, all of them, by label: `1=0-12,15;8=3`. "
    "Without it, what was taken before stays taken.",
)


class BundleParser(BaseParser):
    """The body as it is, up to the limit."""

    media_type = BUNDLE_TYPE

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 - the base class names it
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - the base class names it
    ) -> dict[str, bytes]:
        """Bytes of the body under `bundle`. Raises TooLarge over the limit."""
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(f"A save takes up to {MAX_BODY_BYTES // 2**20} MiB; send fewer slices at a time.")
        return {"bundle": body}


class MaskQuerySerializer(serializers.Serializer[Revision]):
    """Which revision of a mask."""

    revision = serializers.IntegerField(
        min_value=0, max_value=MAX_NUMBER, required=False, help_text="Newest by default."
    )


class TaskMask(APIView):
    """The mask of a task."""

    parser_classes = (BundleParser,)

    @extend_schema(operation_id="masks_retrieve", parameters=[MaskQuerySerializer], responses=BINARY)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """All non-empty slices of a revision. The ETag is its number; 304 when If-None-Match names it."""
        task = selectors.task_for(signed_in(request), pk)
        asked = MaskQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        revision = selectors.revision_of(task, asked.validated_data.get("revision"))
        etag = _etag(revision)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers=headers)
        content = masks.bundle(revision.mask if revision else None)
        return HttpResponse(content, content_type=BUNDLE_TYPE, headers={**headers, "Content-Encoding": "gzip"})

    @extend_schema(
        operation_id="masks_save",
        parameters=[IF_MATCH, KEY, ACCEPTED],
        request={BUNDLE_TYPE: OpenApiTypes.BINARY},
        responses=SavedSerializer,
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Save changed slices: the body is a gzip-compressed BMM1 bundle of them; an all-zero slice removes it.

        412 with `detail: {head, by, at}` when the task has moved on since the revision named in If-Match.
        """
        user = signed_in(request)
        task = selectors.drawing_for(user, pk)
        key = _key(request)
        base = _base(request)
        values = frozenset(label.value for label in selectors.labels_of(task.project))
        slices = masks.read_bundle(_body(request), volume=task.volume, values=values)
        accepted = _accepted(request)
        revision = services.save(user=user, task=task, base=base, key=key, slices=slices, accepted=accepted)
        return Response(SavedSerializer(revision).data, headers={"ETag": _etag(revision)})


class HistoryQuerySerializer(serializers.Serializer[Revision]):
    """Which way round."""

    newest = serializers.BooleanField(required=False, help_text="Newest first.")


@extend_schema_view(get=extend_schema(operation_id="revisions_list", parameters=[HistoryQuerySerializer]))
class RevisionList(ListAPIView[Revision]):
    """The history of a task, oldest first unless asked otherwise."""

    serializer_class = RevisionSerializer
    pagination_class: type[NewestFirst] = OldestFirst
    queryset = Revision.objects.none()

    def get_queryset(self) -> QuerySet[Revision]:
        asked = HistoryQuerySerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        if asked.validated_data.get("newest"):
            self.pagination_class = NewestFirst
        return selectors.revisions_of(selectors.task_for(signed_in(self.request), self.kwargs["pk"]))


def _etag(revision: Revision | None) -> str:
    return f'"{revision.number if revision else 0}"'


def _base(request: Request) -> int | None:
    given = request.headers.get("If-Match")
    if given is None:
        return None
    match = re.fullmatch(r'"(\d{1,9})"', given.strip())
    if match is None:
        raise InvalidInput(f'If-Match needs a revision\'s number in quotes, such as "3", got {given[:40]!r}.')
    return int(match[1])


def _accepted(request: Request) -> dict[int, frozenset[int]] | None:
    given = request.headers.get("Proposal-Accepted")
    try:
        return None if given is None else read_cells(given)
    except ValueError as error:
        raise InvalidInput(f"Proposal-Accepted cannot be read: {error}.") from error


def _body(request: Request) -> bytes:
    """What the parser read; nothing where the request had no body."""
    parsed: object = request.data
    return parsed.get("bundle", b"") if isinstance(parsed, dict) else b""


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if not re.fullmatch(r"[\x21-\x7e]{1,64}", key):
        raise InvalidInput(
            "Idempotency-Key needs 1 to 64 printable characters, such as a UUID; a new one for each save."
        )
    return key
