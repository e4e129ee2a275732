"""What a case took, over HTTP: where its voxels come from, and the time that people were active."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.annotation import activity, selectors
from backend.annotation.api.masks import MaskQuerySerializer
from backend.annotation.effort import origins_of

DAY_S = 24 * 60 * 60


class LabelOriginsSerializer(serializers.Serializer[Any]):
    """Voxels of a label by origin.

    model, human: drawn by each, and as they drew it. changed: this label now, another one in the draft. removed: this
    label in the draft, not any more.
    """

    value = serializers.IntegerField()
    model = serializers.IntegerField()
    human = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()


class OriginsSerializer(serializers.Serializer[Any]):
    """Where the voxels of a revision come from, in the slices asked for. revision: null where nothing is drawn."""

    revision = serializers.IntegerField(allow_null=True)
    labels = LabelOriginsSerializer(many=True)


class ActivitySerializer(serializers.Serializer[Any]):
    """A stretch of work: it lasted span_s and ended ago_s before now; seconds of it were active.

    key names the report; the same again counts once.
    """

    key = serializers.RegexField(r"^[\x21-\x7e]{1,64}$")
    seconds = serializers.IntegerField(min_value=0, max_value=DAY_S)
    span_s = serializers.IntegerField(min_value=0, max_value=DAY_S)
    ago_s = serializers.IntegerField(min_value=0, max_value=30 * DAY_S, default=0)


class CountedSerializer(serializers.Serializer[Any]):
    """How many seconds of a report count."""

    counted = serializers.IntegerField()


class OriginsView(APIView):
    """Model, human or changed."""

    @extend_schema(operation_id="origins_retrieve", parameters=[MaskQuerySerializer], responses=OriginsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        task = selectors.task_for(signed_in(request), pk)
        asked = MaskQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        revision = selectors.revision_of(task, asked.validated_data.get("revision"))
        found = origins_of(revision) if revision else {}
        labels = [{"value": value, **vars(origins)} for value, origins in sorted(found.items())]
        return Response(OriginsSerializer({"revision": revision.number if revision else None, "labels": labels}).data)


class ActivityView(APIView):
    """Time that somebody was active on a task."""

    @extend_schema(operation_id="activity_report", request=ActivitySerializer, responses=CountedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Only time since the same person's last report counts, whatever the browser says."""
        user = signed_in(request)
        task = selectors.task_for(user, pk)
        given = ActivitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        counted = activity.report_activity(user=user, task=task, **given.validated_data)
        return Response(CountedSerializer({"counted": counted}).data)
