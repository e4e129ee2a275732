"""Registrations over HTTP: starting, cancelling, looking at before and after, using."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.imaging.api.images import blob_response, versioned
from backend.imaging.derived.selectors import volume_with_phases
from backend.imaging.models import JobState, Registration
from backend.imaging.registration import selectors, services


class MovementSerializer(serializers.Serializer[Any]):
    """What became of one phase.

    before, after: normalised mutual information with the first phase in the body, 1 to 2. shrink, swell: smallest and
    largest local ratio of volumes.
    """

    index = serializers.IntegerField()
    name = serializers.CharField(source="label")
    better = serializers.BooleanField()
    words = serializers.CharField()
    before = serializers.FloatField()
    after = serializers.FloatField()
    mean_mm = serializers.FloatField()
    p95_mm = serializers.FloatField()
    max_mm = serializers.FloatField()
    shrink = serializers.FloatField()
    swell = serializers.FloatField()
    pictures = serializers.DictField(child=serializers.CharField())


class RegistrationSerializer(serializers.ModelSerializer[Registration]):
    """A registration. progress: 0 to 1; seconds_left: estimate while it runs; unusable: why it cannot be put to use.

    report[].pictures: slice_before, slice_after (grey where both agree), mip_before, mip_after (difference).
    """

    seconds_left = serializers.SerializerMethodField()
    started_by = serializers.SerializerMethodField()
    unusable = serializers.SerializerMethodField()
    report = serializers.SerializerMethodField()

    class Meta:
        model = Registration
        fields = (
            "id",
            "method",
            "state",
            "message",
            "progress",
            "seconds_left",
            "report",
            "in_use",
            "unusable",
            "started_by",
            "created_at",
        )
        read_only_fields = fields

    def get_seconds_left(self, row: Registration) -> float | None:
        if row.state != JobState.RUNNING or row.began_at is None or row.progress < 0.02:
            return None
        gone = (row.updated_at - row.began_at).total_seconds()
        since = (timezone.now() - row.updated_at).total_seconds()
        return max(0.0, gone / row.progress * (1 - row.progress) - since)

    def get_started_by(self, row: Registration) -> str | None:
        return None if row.started_by is None else row.started_by.display_name

    def get_unusable(self, row: Registration) -> str:
        return services.why_not_usable(row, row.volume, list(row.volume.phases.order_by("index")))

    @extend_schema_field(MovementSerializer(many=True))
    def get_report(self, row: Registration) -> list[dict[str, Any]]:
        shown = [entry | {"pictures": _pictures(row, entry["index"])} for entry in row.report]
        return [dict(entry) for entry in MovementSerializer(shown, many=True).data]


def _pictures(row: Registration, index: int) -> dict[str, str]:
    base = f"/api/registrations/{row.pk}/pictures/{index}"
    pictures: dict[str, str] = row.pictures.get(str(index), {})
    return {name: versioned(f"{base}/{name}", digest) for name, digest in pictures.items()}


class RegistrationRequestSerializer(serializers.Serializer[Any]):
    """How the phases may move."""

    method = serializers.ChoiceField(choices=Registration.Method.choices)


class RegistrationsView(APIView):
    """Registrations of a volume, newest first."""

    @extend_schema(operation_id="registrations_list", responses=RegistrationSerializer(many=True))
    def get(self, request: Request, volume_id: int) -> Response:
        volume, _ = volume_with_phases(signed_in(request), volume_id)
        return Response(RegistrationSerializer(selectors.registrations_of(volume), many=True).data)

    @extend_schema(
        operation_id="registrations_create",
        request=RegistrationRequestSerializer,
        responses={202: RegistrationSerializer},
    )
    def post(self, request: Request, volume_id: int) -> Response:
        user = signed_in(request)
        volume, _ = volume_with_phases(user, volume_id)
        body = RegistrationRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.start_registration(user=user, volume=volume, method=body.validated_data["method"])
        shown = RegistrationSerializer(selectors.registration_for(user, row.pk))
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)


class RegistrationView(APIView):
    """How far a registration is, and what it did."""

    @extend_schema(operation_id="registrations_retrieve", responses=RegistrationSerializer)
    def get(self, request: Request, registration_id: int) -> Response:
        return Response(RegistrationSerializer(selectors.registration_for(signed_in(request), registration_id)).data)


class _ActView(APIView):
    """One act on a registration."""

    def act(self, request: Request, registration_id: int, service: Callable[..., Registration]) -> Response:
        user = signed_in(request)
        service(user=user, registration=selectors.registration_for(user, registration_id))
        return Response(RegistrationSerializer(selectors.registration_for(user, registration_id)).data)


class CancelRegistrationView(_ActView):
    """Stops a registration that waits or runs."""

    @extend_schema(operation_id="registrations_cancel", request=None, responses=RegistrationSerializer)
    def post(self, request: Request, registration_id: int) -> Response:
        return self.act(request, registration_id, services.cancel_registration)


class UseView(_ActView):
    """Lets the moved phases take the place of the original ones."""

    @extend_schema(operation_id="registrations_use", request=None, responses=RegistrationSerializer)
    def post(self, request: Request, registration_id: int) -> Response:
        return self.act(request, registration_id, services.use_registration)


class StopUsingView(_ActView):
    """Gives the original phases their place back."""

    @extend_schema(operation_id="registrations_stop", request=None, responses=RegistrationSerializer)
    def post(self, request: Request, registration_id: int) -> Response:
        return self.act(request, registration_id, services.stop_using)


class RegistrationPictureView(APIView):
    """One phase before or after: `slice_before`, `slice_after`, `mip_before`, `mip_after`."""

    @extend_schema(
        operation_id="registration_pictures_retrieve",
        responses={(200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY), 304: None},
    )
    def get(self, request: Request, registration_id: int, index: int, picture: str) -> HttpResponseBase:
        digest = selectors.picture_for(signed_in(request), registration_id, index, picture)
        return blob_response(request, digest, content_type="image/png")
