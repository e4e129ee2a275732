"""Tasks, revisions and reviews as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.accounts.roles import Capability, capabilities_of
from backend.accounts.serializers import PersonSerializer
from backend.annotation.models import Remark, Review, Revision, Task
from backend.annotation.proposals import held_by
from backend.annotation.selectors import actions_for
from backend.annotation.workflow import Action, State
from backend.core.errors import InvalidInput
from backend.imaging.api.serializers import thumbnail_url
from backend.imaging.models import Partition, Patient

if TYPE_CHECKING:
    from backend.annotation.selectors import WorklistTask

ACTIONS = [(action.value, action.value) for action in Action]
STATES = [(state.value, state.value) for state in State]
MAX_NUMBER = 2**31 - 1


class TaskPatientSerializer(serializers.ModelSerializer[Patient]):
    """The patient of a task."""

    class Meta:
        model = Patient
        fields = ("id", "pseudonym")
        read_only_fields = fields


class RemarkSerializer(serializers.ModelSerializer[Remark]):
    """A sentence pinned to voxel (z, y, x), or to slice z where y and x are null."""

    class Meta:
        model = Remark
        fields = ("z", "y", "x", "text")
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A reviewer's decision."""

    reviewer = PersonSerializer(read_only=True)
    remarks = RemarkSerializer(many=True, read_only=True)

    class Meta:
        model = Review
        fields = ("decision", "reason", "reviewer", "created_at", "remarks")
        read_only_fields = fields


class ProposalLabelSerializer(serializers.Serializer[Any]):
    """What a draft holds of a label: voxels, and the slices that have any, such as `3-20,22`, counted from 0."""

    value = serializers.IntegerField()
    voxels = serializers.IntegerField()
    slices = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    """The model's draft of a task. source names the model.

    answer: `waiting` until the annotator takes part of it or starts empty. accepted: the parts that the newest revision
    has taken, by label, such as `1=0-12,15;8=3`.
    """

    source = serializers.CharField()  # type: ignore[assignment]  # the base class has a source too
    answer = serializers.ChoiceField(choices=["waiting", "accepted", "declined"])
    labels = ProposalLabelSerializer(many=True)
    accepted = serializers.CharField(allow_blank=True)


class TaskSerializer(serializers.ModelSerializer[Task]):
    """A task as the signed-in user sees it."""

    project = serializers.SlugField(source="project.slug", read_only=True)
    patient = TaskPatientSerializer(read_only=True)
    volume_id = serializers.IntegerField(read_only=True)
    is_benchmark = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    assignee = PersonSerializer(read_only=True, allow_null=True)
    head = serializers.IntegerField(source="head.number", default=None, read_only=True, allow_null=True)
    proposal = serializers.SerializerMethodField()
    slices = serializers.ListField(
        child=serializers.IntegerField(),
        read_only=True,
        allow_null=True,
        help_text="Slices asked for, rising, counted from 0; null asks for the whole volume.",
    )
    active_s = serializers.SerializerMethodField(
        help_text="Seconds of active work: a manager sees everybody's, others their own."
    )
    corrected = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Voxels changed by hand on top of the draft; null until counted, soon after a submission.",
    )
    actions = serializers.SerializerMethodField()
    last_review = serializers.SerializerMethodField()
    thumbnail = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = (
            "id",
            "project",
            "patient",
            "volume_id",
            "is_benchmark",
            "reading",
            "state",
            "assignee",
            "head",
            "proposal",
            "slices",
            "active_s",
            "corrected",
            "place",
            "actions",
            "last_review",
            "updated_at",
            "thumbnail",
        )
        read_only_fields = fields

    def get_is_benchmark(self, task: Task) -> bool:
        return task.partition == Partition.BENCHMARK

    @extend_schema_field(ProposalSerializer(allow_null=True))
    def get_proposal(self, task: WorklistTask) -> object:
        proposal = task.shown_proposal
        if proposal is None:
            return None
        accepted = task.head.accepted if task.head else ""
        labels = [{"value": int(value), **held} for value, held in held_by(proposal).items()]
        answer = "accepted" if accepted else "declined" if proposal.declined_at else "waiting"
        shown = {"source": proposal.source, "answer": answer, "labels": labels, "accepted": accepted}
        return ProposalSerializer(shown).data

    @extend_schema_field(serializers.IntegerField())
    def get_active_s(self, task: WorklistTask) -> int:
        manages = Capability.MANAGE_CASES in capabilities_of(task.role)
        return task.active_s if manages else task.own_active_s

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(choices=ACTIONS)))
    def get_actions(self, task: WorklistTask) -> list[str]:
        return [action.value for action in actions_for(self.context["request"].user, task)]

    @extend_schema_field(ReviewSerializer(allow_null=True))
    def get_last_review(self, task: WorklistTask) -> object:
        return ReviewSerializer(task.last_reviews[0]).data if task.last_reviews else None

    def get_thumbnail(self, task: Task) -> str:
        return thumbnail_url(task.volume_id)


class TaskCountsSerializer(serializers.Serializer[dict[str, int]]):
    """Tasks by state; `mine` are in progress with the user, `to_review` wait for a review that the user may give."""

    open = serializers.IntegerField()
    in_progress = serializers.IntegerField()
    submitted = serializers.IntegerField()
    approved = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    mine = serializers.IntegerField()
    to_review = serializers.IntegerField()


class WorklistQuerySerializer(serializers.Serializer[Task]):
    """What a worklist may be narrowed to."""

    state = serializers.ChoiceField(choices=STATES, required=False, help_text="Only tasks in this state.")
    mine = serializers.BooleanField(required=False, help_text="Only tasks of mine: I draw them, or drew them last.")
    review = serializers.BooleanField(required=False, help_text="Only submitted tasks that I may approve.")


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """One saved version. author is null for a model's or an import's; changed is voxels by label value.

    note: what an import left out, and which label won where two met. accepted: what of the draft is taken as of it, by
    label, such as `1=0-12,15;8=3`.
    """

    author = serializers.CharField(source="author.display_name", default=None, read_only=True, allow_null=True)
    changed = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Revision
        fields = ("number", "author", "origin", "source", "note", "changed", "accepted", "created_at")
        read_only_fields = fields


class SavedSerializer(serializers.Serializer[Revision]):
    """Answer to a save: the new revision's number, and the voxels it changed by label value."""

    revision = serializers.IntegerField(source="number")
    changed = serializers.DictField(child=serializers.IntegerField())


class SeenRevisionSerializer(serializers.Serializer[Task]):
    """Which revision the user looked at. The request is refused (428) without it."""

    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False, allow_null=True)


class AskSerializer(serializers.Serializer[Task]):
    """Slices to ask for, counted from 0; null asks for the whole volume."""

    slices = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=MAX_NUMBER), allow_null=True, max_length=10_000
    )


class SubmitSerializer(SeenRevisionSerializer):
    """accepted: keys of the warnings that the user ticks, as the checks of this revision give them."""

    accepted = serializers.ListField(child=serializers.CharField(max_length=40), max_length=2000, default=list)


class PinSerializer(serializers.Serializer[Remark]):
    """A remark on voxel (z, y, x), or on slice z where y and x are left out."""

    z = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    y = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False, allow_null=True, default=None)
    x = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False, allow_null=True, default=None)
    text = serializers.CharField(max_length=2000)


class ReturnSerializer(SeenRevisionSerializer):
    """Why a case goes back, with remarks pinned to places."""

    reason = serializers.CharField(max_length=2000)
    remarks = PinSerializer(many=True, required=False, default=list)

    def validate_remarks(self, remarks: list[dict[str, object]]) -> list[dict[str, object]]:
        if len(remarks) > 200:
            raise InvalidInput(f"A review takes up to 200 remarks, got {len(remarks)}.")
        return remarks
