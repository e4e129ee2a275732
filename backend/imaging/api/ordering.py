"""The order of a volume's phases over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.permissions import signed_in
from backend.imaging import ordering
from backend.imaging.derived.selectors import volume_with_phases
from backend.imaging.models import Phase


class OrderedPhaseSerializer(serializers.ModelSerializer[Phase]):
    """A phase in its place; found_index: where the import had it, series: description of the series it came in."""

    time_s = serializers.FloatField(allow_null=True, read_only=True)
    series = serializers.CharField(source="series.description", read_only=True)
    series_number = serializers.IntegerField(source="series.number", allow_null=True, read_only=True)
    found_index = serializers.SerializerMethodField()

    class Meta:
        model = Phase
        fields = ("index", "label", "time_s", "reason", "series", "series_number", "found_index")
        read_only_fields = fields

    def get_found_index(self, phase: Phase) -> int:
        found: int = phase.found.get("index", phase.index)
        return found


class PhaseOrderSerializer(serializers.Serializer[Any]):
    """Phases in order. by_hand: a manager changed it; fixed: why it cannot change, empty while it can."""

    phases = OrderedPhaseSerializer(many=True)
    by_hand = serializers.BooleanField()
    fixed = serializers.CharField()


class PhaseOrderRequestSerializer(serializers.Serializer[Any]):
    """order[n] is the present index of what becomes phase n."""

    order = serializers.ListField(child=serializers.IntegerField(min_value=0), min_length=1, max_length=1000)
    reason = serializers.CharField(max_length=200)


class PhaseOrderView(APIView):
    """The order of the phases, and a manager's change of it."""

    @extend_schema(operation_id="phase_order_retrieve", responses=PhaseOrderSerializer)
    def get(self, request: Request, volume_id: int) -> Response:
        return _shown(signed_in(request), volume_id)

    @extend_schema(
        operation_id="phase_order_create", request=PhaseOrderRequestSerializer, responses=PhaseOrderSerializer
    )
    def post(self, request: Request, volume_id: int) -> Response:
        user = signed_in(request)
        volume, _ = volume_with_phases(user, volume_id)
        body = PhaseOrderRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        ordering.reorder_phases(user=user, volume=volume, **body.validated_data)
        return _shown(user, volume_id)

    @extend_schema(operation_id="phase_order_destroy", responses=PhaseOrderSerializer)
    def delete(self, request: Request, volume_id: int) -> Response:
        user = signed_in(request)
        volume, _ = volume_with_phases(user, volume_id)
        ordering.restore_order(user=user, volume=volume)
        return _shown(user, volume_id)


def _shown(user: User, volume_id: int) -> Response:
    volume, _ = volume_with_phases(user, volume_id)
    phases = list(volume.phases.select_related("series").order_by("index"))
    by_hand = any(phase.found for phase in phases)
    shown = {"phases": phases, "by_hand": by_hand, "fixed": ordering.why_fixed(volume)}
    return Response(PhaseOrderSerializer(shown).data)
