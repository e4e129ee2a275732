"""One person under two identifiers: the offers, and what a manager decides."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.accounts.permissions import require, signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.imaging import merging, selectors
from backend.imaging.api.serializers import PatientDetailSerializer
from backend.imaging.models import Partition, Patient


class OfferedPatientSerializer(serializers.ModelSerializer[Patient]):
    """One of two patients who may be one person."""

    partition = serializers.ChoiceField(choices=Partition.choices, allow_null=True, read_only=True)
    sex = serializers.CharField(read_only=True)
    studies = serializers.IntegerField(source="study_count", read_only=True)

    class Meta:
        model = Patient
        fields = ("id", "pseudonym", "partition", "sex", "age_years", "studies")
        read_only_fields = fields


class DuplicateSerializer(serializers.Serializer[Any]):
    """Two patients who may be one; obstacle: why they cannot be merged, empty when they can."""

    first = OfferedPatientSerializer()
    second = OfferedPatientSerializer()
    reason = serializers.CharField()
    obstacle = serializers.CharField()


class OtherPatientSerializer(serializers.Serializer[Any]):
    """The patient that this one is compared with."""

    other = serializers.IntegerField()


class DuplicatesView(APIView):
    """Pairs of patients of a project who may be one person and of whom nobody has decided yet."""

    @extend_schema(operation_id="duplicates_list", responses=DuplicateSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.MANAGE_CASES)
        return Response(DuplicateSerializer(merging.possible_duplicates(project), many=True).data)


class MergeView(APIView):
    """Another patient becomes part of this one, with everything that was drawn."""

    @extend_schema(operation_id="patients_merge", request=OtherPatientSerializer, responses=PatientDetailSerializer)
    def post(self, request: Request, patient_id: int) -> Response:
        user = signed_in(request)
        keep, other = _two(user, request, patient_id)
        merging.merge(user=user, keep=keep, other=other)
        return Response(PatientDetailSerializer(selectors.patient_for(user, patient_id)).data)


class TellApartView(APIView):
    """Another patient is somebody else, for good."""

    @extend_schema(operation_id="patients_tell_apart", request=OtherPatientSerializer, responses={204: None})
    def post(self, request: Request, patient_id: int) -> Response:
        user = signed_in(request)
        one, other = _two(user, request, patient_id)
        merging.tell_apart(user=user, one=one, other=other)
        return Response(status=204)


def _two(user: User, request: Request, patient_id: int) -> tuple[Patient, Patient]:
    patient = selectors.patient_for(user, patient_id)
    require(user, patient.project, Capability.MANAGE_CASES)
    body = OtherPatientSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return patient, selectors.patient_for(user, body.validated_data["other"])
