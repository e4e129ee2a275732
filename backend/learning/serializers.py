"""What the API says about rounds, runs and models."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.learning.models import Round, Run, RunProgress
from backend.learning.states import ModelState, RoundKind, RoundState, RunKind, RunState
from backend.learning.steps import StepState
from ml.contracts import PRESETS
from ml.contracts.presets import CONFIGURATIONS


class ScoresField(serializers.DictField):
    """Mean Dice by label name; null where a label is in neither reference nor prediction."""

    child = serializers.FloatField(allow_null=True)


class RoundStartSerializer(serializers.Serializer[Any]):
    """Body that starts a round."""

    preset = serializers.ChoiceField(choices=list(PRESETS))
    settings = serializers.DictField(
        required=False, help_text="Changes to the preset's settings, by the names of `GET presets`."
    )


class RoundStepSerializer(serializers.Serializer[Any]):
    """One step."""

    name = serializers.ChoiceField(choices=["freeze", "train", "adopt", "score", "promote", "draft"])
    state = serializers.ChoiceField(choices=[state.value for state in StepState])
    fraction = serializers.FloatField()
    message = serializers.CharField()
    seconds_left = serializers.FloatField(allow_null=True)


class RunSerializer(serializers.ModelSerializer[Run]):
    """One process of a round."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in RunKind])
    state = serializers.ChoiceField(choices=[state.value for state in RunState])
    fraction = serializers.FloatField()
    message = serializers.CharField()
    error = serializers.CharField()
    attempt = serializers.IntegerField()

    class Meta:
        model = Run
        fields = ("id", "kind", "state", "fraction", "message", "seconds_left", "error", "attempt")
        read_only_fields = fields


class RoundSnapshotSerializer(serializers.Serializer[Any]):
    """What a round trains on."""

    id = serializers.IntegerField(source="row.snapshot.id")
    number = serializers.IntegerField(source="row.snapshot.number")
    cases = serializers.IntegerField(source="snapshot_cases")


class RoundModelSerializer(serializers.Serializer[Any]):
    """The model that came out of a round."""

    number = serializers.IntegerField(source="row.number")
    state = serializers.ChoiceField(source="row.state", choices=[state.value for state in ModelState])
    scores = ScoresField(allow_null=True)


class RoundSerializer(serializers.Serializer[Any]):
    """A round as a whole. cancelling: somebody cancelled it, and its process is being stopped."""

    id = serializers.IntegerField(source="row.id")
    number = serializers.IntegerField(source="row.number")
    state = serializers.ChoiceField(source="row.state", choices=[state.value for state in RoundState])
    kind = serializers.ChoiceField(source="row.kind", choices=[kind.value for kind in RoundKind])
    preset = serializers.CharField(source="row.preset", allow_blank=True)
    settings = serializers.DictField(source="row.settings")
    origin = serializers.SerializerMethodField()
    snapshot = serializers.SerializerMethodField()
    verdict = serializers.CharField(source="row.verdict")
    error = serializers.CharField(source="row.error")
    started_by = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="row.created_at")
    ended_at = serializers.DateTimeField(source="row.ended_at", allow_null=True)
    cancelling = serializers.BooleanField()
    steps = RoundStepSerializer(many=True)
    runs = RunSerializer(many=True)
    model = RoundModelSerializer(allow_null=True)
    previous_scores = ScoresField(allow_null=True)

    @extend_schema_field(RoundSnapshotSerializer(allow_null=True))
    def get_snapshot(self, view: Any) -> Any:
        return RoundSnapshotSerializer(view).data if view.row.snapshot_id is not None else None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_origin(self, view: Any) -> str | None:
        """What the file of an adopted model was called."""
        name: str | None = view.row.source.get("name")
        return name

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_started_by(self, view: Any) -> str | None:
        row: Round = view.row
        return row.started_by.display_name if row.started_by else None


class ProgressSerializer(serializers.Serializer[Any]):
    """One line of a run's progress, as `ml.contracts.Progress`."""

    stage = serializers.CharField()
    fraction = serializers.FloatField()
    message = serializers.CharField()
    seconds_left = serializers.FloatField(allow_null=True)
    epoch = serializers.IntegerField(allow_null=True)
    epochs = serializers.IntegerField(allow_null=True)
    train_loss = serializers.FloatField(allow_null=True)
    val_loss = serializers.FloatField(allow_null=True)
    pseudo_dice = serializers.DictField(child=serializers.FloatField())
    case_id = serializers.CharField(allow_null=True)
    part = serializers.CharField(allow_blank=True, default="")
    memory_bytes = serializers.IntegerField(allow_null=True, default=None)
    gpu_memory_bytes = serializers.IntegerField(allow_null=True, default=None)


class RunProgressSerializer(serializers.ModelSerializer[RunProgress]):
    """A stored line; ask for the next ones with its id."""

    line = ProgressSerializer()

    class Meta:
        model = RunProgress
        fields = ("id", "at", "line")
        read_only_fields = fields


class ModelVersionSerializer(serializers.Serializer[Any]):
    """A model in the registry."""

    number = serializers.IntegerField(source="row.number")
    state = serializers.ChoiceField(source="row.state", choices=[state.value for state in ModelState])
    round = serializers.IntegerField(source="row.round.number")
    training_cases = serializers.IntegerField(source="row.training_cases")
    weights_bytes = serializers.IntegerField(source="row.weights_bytes")
    weights_sha256 = serializers.CharField(source="row.weights_sha256")
    parent_model = serializers.IntegerField(source="row.parent.number", allow_null=True, default=None)
    preset = serializers.CharField(source="row.round.preset", allow_blank=True)
    origin = serializers.SerializerMethodField()
    snapshot = serializers.IntegerField(source="row.round.snapshot.number", allow_null=True, default=None)
    configuration = serializers.SerializerMethodField()
    folds = serializers.SerializerMethodField()
    versions = serializers.SerializerMethodField()
    scores = ScoresField(allow_null=True)
    created_at = serializers.DateTimeField(source="row.created_at")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_origin(self, view: Any) -> str | None:
        """What the file was called that a model from elsewhere came in."""
        name: str | None = view.row.round.source.get("name")
        return name

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_configuration(self, view: Any) -> str | None:
        """nnU-Net's configuration."""
        configuration: str | None = view.row.result.get("configuration")
        return configuration

    @extend_schema_field(serializers.IntegerField())
    def get_folds(self, view: Any) -> int:
        """Networks whose mean the masks are."""
        return max(1, len(view.row.result.get("weights", ())))

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_versions(self, view: Any) -> dict[str, str]:
        """Of the libraries that trained it."""
        versions: dict[str, str] = view.row.result.get("versions", {})
        return versions


class ModelChangeSerializer(serializers.Serializer[Any]):
    """Body of a change by hand."""

    reason = serializers.CharField(max_length=1000, help_text="Kept with the change.")


class ModelImportSerializer(serializers.Serializer[Any]):
    """Form that brings a model from elsewhere."""

    file = serializers.FileField(help_text="The zip that `nnUNetv2_export_model_to_zip` writes.")
    archive_sha256 = serializers.RegexField("^[0-9a-fA-F]{64}$", required=False, help_text="As it was published.")
    configuration = serializers.ChoiceField(choices=list(CONFIGURATIONS), required=False)
    channels = serializers.JSONField(
        help_text='What each input of the model is: `[{"phase": 0}, {"phase": 1, "minus": 0}]`.'
    )
    labels = serializers.JSONField(
        required=False, help_text="Name in the project by name in the model; an empty name leaves it out."
    )

    def validate_channels(self, value: Any) -> Any:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise serializers.ValidationError("A list of objects is needed, one per input.")
        return value

    def validate_labels(self, value: Any) -> Any:
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise serializers.ValidationError("An object is needed, with a name for each name.")
        return value


class PresetSerializer(serializers.Serializer[Any]):
    """A preset and what it sets."""

    name = serializers.CharField()
    settings = serializers.DictField()


class CaseScoreSerializer(serializers.Serializer[Any]):
    """One benchmark case."""

    pseudonym = serializers.CharField()
    dice = ScoresField()


class EvaluationSerializer(serializers.Serializer[Any]):
    """A model on the benchmark."""

    model = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    cases = serializers.IntegerField()
    mean = ScoresField()
    per_case = CaseScoreSerializer(many=True)


class IntervalSerializer(serializers.Serializer[Any]):
    """Mean over patients with its 95 % interval, which is null below three patients."""

    n = serializers.IntegerField()
    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    method = serializers.ChoiceField(choices=["t", "bootstrap", "none"])


class DetectionSerializer(serializers.Serializer[Any]):
    """Whole bodies over all cases."""

    found = serializers.IntegerField()
    missed = serializers.IntegerField()
    false_positive = serializers.IntegerField()


class LabelCardSerializer(serializers.Serializer[Any]):
    """One label. A metric is null where no case of the benchmark has it."""

    name = serializers.CharField()
    dice = IntervalSerializer(source="card.metrics.dice", allow_null=True)
    iou = IntervalSerializer(source="card.metrics.iou", allow_null=True)
    ppv = IntervalSerializer(source="card.metrics.ppv", allow_null=True)
    sensitivity = IntervalSerializer(source="card.metrics.sensitivity", allow_null=True)
    nsd = IntervalSerializer(source="card.metrics.nsd", allow_null=True)
    hd95_mm = IntervalSerializer(source="card.metrics.hd95_mm", allow_null=True)
    assd_mm = IntervalSerializer(source="card.metrics.assd_mm", allow_null=True)
    volume_difference_ml = IntervalSerializer(source="card.metrics.volume_difference_ml", allow_null=True)
    detection = DetectionSerializer(source="card.detection", allow_null=True)
    p_value = serializers.FloatField(source="card.p_value", allow_null=True)


class ModelCardSerializer(serializers.Serializer[Any]):
    """What the benchmark says of one model."""

    model = serializers.IntegerField()
    metric_version = serializers.CharField()
    cases = serializers.IntegerField()
    compared_with = serializers.IntegerField(allow_null=True)
    labels = LabelCardSerializer(many=True)
