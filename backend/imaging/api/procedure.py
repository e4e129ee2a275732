"""The de-identification procedure in force, to be read by whoever is signed in."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.permissions import signed_in
from backend.imaging.dicom.procedure import Action, Procedure, Rule, procedure


class RuleSerializer(serializers.Serializer[Rule]):
    """One attribute, by its DICOM keyword or its tag; codes: the values of a code that are kept."""

    attribute = serializers.CharField()
    tag = serializers.SerializerMethodField()
    action = serializers.ChoiceField(choices=[action.value for action in Action])
    reason = serializers.CharField()
    codes = serializers.SerializerMethodField()

    def get_tag(self, rule: Rule) -> str:
        return rule.written_tag

    def get_codes(self, rule: Rule) -> list[str]:
        return sorted(rule.codes)


class ProcedureSerializer(serializers.Serializer[Procedure]):
    """The procedure; meanings: what each action does. What no rule names is removed."""

    version = serializers.IntegerField()
    edition = serializers.CharField()
    basis = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    meanings = serializers.DictField(child=serializers.CharField())
    rules = RuleSerializer(many=True)


class ProcedureView(APIView):
    """What becomes of each attribute, and why."""

    @extend_schema(operation_id="deidentification_retrieve", responses=ProcedureSerializer)
    def get(self, request: Request) -> Response:
        signed_in(request)
        return Response(ProcedureSerializer(procedure()).data)
