"""Checks before a submission: a project's rules, and what they find in a task."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import Project
from backend.accounts.permissions import signed_in
from backend.accounts.roles import Capability
from backend.accounts.selectors import project_for
from backend.accounts.serializers import PersonSerializer
from backend.annotation import checking, selectors
from backend.annotation.api.masks import MaskQuerySerializer
from backend.annotation.checks import KINDS, Kind, Rule, RuleName, Severity
from backend.annotation.models import Submission

SEVERITIES = [(severity.value, severity.value) for severity in Severity]
RULES = [(rule.value, rule.value) for rule in RuleName]


class FindingSerializer(serializers.Serializer[dict[str, object]]):
    """One thing that looks wrong. Tick a warning by its key; places are voxels (z, y, x), the worst first."""

    key = serializers.CharField()
    rule = serializers.CharField()
    severity = serializers.ChoiceField(choices=SEVERITIES)
    label = serializers.IntegerField(allow_null=True)  # type: ignore[assignment] # a field may be called so
    count = serializers.IntegerField()
    text = serializers.CharField()
    advice = serializers.CharField()
    places = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3)
    )


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    """Who handed the revision to review, and the warnings they ticked, as these were then."""

    author = PersonSerializer(read_only=True)
    warnings = FindingSerializer(many=True, read_only=True)

    class Meta:
        model = Submission
        fields = ("author", "created_at", "warnings")
        read_only_fields = fields


class CheckReportSerializer(serializers.Serializer[dict[str, object]]):
    """What the checks find in a revision, errors first; submission is null until it was handed to review."""

    revision = serializers.IntegerField()
    findings = FindingSerializer(many=True)
    submission = SubmissionSerializer(allow_null=True)


class CheckRuleSerializer(serializers.Serializer[Rule]):
    """A rule: labels it is about (none for the whole drawing), its figures, and further lists of labels by name."""

    rule = serializers.ChoiceField(choices=RULES)
    severity = serializers.ChoiceField(choices=SEVERITIES)
    labels = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=254), max_length=254)
    figures = serializers.DictField(child=serializers.FloatField())
    others = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=254), max_length=254)
    )


class RuleFigureSerializer(serializers.Serializer[object]):
    """A number of a rule."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    value = serializers.FloatField()


class OtherLabelsSerializer(serializers.Serializer[object]):
    """A further list of labels that a rule reads."""

    name = serializers.CharField()
    title = serializers.CharField()


class RuleKindSerializer(serializers.Serializer[Kind]):
    """What a rule means, in words."""

    name = serializers.CharField()
    title = serializers.CharField()
    explanation = serializers.CharField()
    of_labels = serializers.BooleanField()
    figures = RuleFigureSerializer(many=True)
    others = OtherLabelsSerializer(many=True)


class ProjectChecksSerializer(serializers.Serializer[dict[str, object]]):
    """The rules of a project, and what each kind of rule means."""

    is_default = serializers.BooleanField()
    rules = CheckRuleSerializer(many=True)
    kinds = RuleKindSerializer(many=True)


class SetChecksSerializer(serializers.Serializer[dict[str, object]]):
    """All rules of a project; null brings back those by default."""

    rules = CheckRuleSerializer(many=True, allow_null=True)


class ProjectChecks(APIView):
    """The checks of a project."""

    @extend_schema(operation_id="checks_retrieve", responses=ProjectChecksSerializer)
    def get(self, request: Request, slug: str) -> Response:
        project = project_for(signed_in(request), slug, Capability.VIEW_CASES)
        return _rules(project)

    @extend_schema(operation_id="checks_set", request=SetChecksSerializer, responses=ProjectChecksSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Replace the rules. 400 names the entry that cannot be."""
        user = signed_in(request)
        project = project_for(user, slug, Capability.MANAGE_CASES)
        given = SetChecksSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        checking.set_rules(user=user, project=project, rules=given.validated_data["rules"])
        return _rules(Project.objects.get(pk=project.pk))


class TaskChecks(APIView):
    """What the checks find in a task."""

    @extend_schema(operation_id="tasks_checks", parameters=[MaskQuerySerializer], responses=CheckReportSerializer)
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Findings in a revision, the newest by default. The ETag stands for mask, rules and submission."""
        task = selectors.drawing_for(signed_in(request), pk)
        asked = MaskQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        revision = selectors.revision_of(task, asked.validated_data.get("revision"))
        submission = selectors.last_submission(revision)
        key = checking.key_of(task, revision.mask if revision else None)
        etag = f'"{revision.number if revision else 0}-{key}-{submission.pk if submission else 0}"'
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers=headers)
        findings = checking.report_on(task, revision).findings
        content = {
            "revision": revision.number if revision else 0,
            "findings": [finding.to_json() for finding in findings],
            "submission": submission,
        }
        return Response(CheckReportSerializer(content).data, headers=headers)


def _rules(project: Project) -> Response:
    content = {
        "is_default": not checking.has_own_rules(project),
        "rules": [rule.to_json() for rule in checking.rules_of(project)],
        "kinds": [_kind(kind) for kind in KINDS.values()],
    }
    return Response(ProjectChecksSerializer(content).data)


def _kind(kind: Kind) -> dict[str, object]:
    others = [{"name": name, "title": title} for name, title in kind.others]
    return {**vars(kind), "others": others}
