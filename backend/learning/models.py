"""Rounds, the runs they consist of, and the models that come out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.accounts.models import Project, User
from backend.annotation.models import Mask, Task
from backend.core.models import TimeStampedModel
from backend.evaluation.models import Evaluation
from backend.exports.models import Snapshot
from backend.imaging.models import Partition, Volume
from backend.learning.states import ROUND_ENDS, ModelState, RoundKind, RoundState, RunKind, RunState
from ml.query.batches import Arm
from ml.query.strategies import Strategy


class Round(TimeStampedModel):
    """Freeze, train, score, promote, draft; or a part of that, see `RoundKind`.

    settings: changes to the preset's. source: where an adopted model comes from, with the order to take it in.
    uses: the model that a round of drafting works with. verdict: the promotion's outcome in words.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RoundState])
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in RoundKind], default=RoundKind.TRAIN)
    preset = models.CharField(max_length=40, blank=True)
    settings = models.JSONField(default=dict)
    source = models.JSONField(default=dict)
    uses = models.ForeignKey("ModelVersion", on_delete=models.PROTECT, null=True, related_name="+")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, null=True, related_name="rounds")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    verdict = models.TextField(blank=True)
    error = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="round_number_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=~Q(state__in=[s.value for s in sorted(ROUND_ENDS)]),
                name="round_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind=RoundKind.TRAIN) | Q(snapshot__isnull=False), name="round_of_training_has_a_snapshot"
            ),
            models.CheckConstraint(
                condition=~Q(kind=RoundKind.DRAFT) | Q(uses__isnull=False), name="round_of_drafting_has_a_model"
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.number} ({self.state})"

    @property
    def subject(self) -> ModelVersion:
        """The model that the round scores and drafts with: its own, or the one that it uses. Raises where none is."""
        return self.uses or self.model


class ModelVersion(TimeStampedModel):
    """A trained network. folder is relative to the run folder; its weights count only with the hash recorded here.

    label_map: the project's label by the model's, as pairs, for a model from elsewhere; empty where they are the same.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="models")
    number = models.PositiveIntegerField()
    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="model")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in ModelState])
    folder = models.CharField(max_length=300)
    weights_sha256 = models.CharField(max_length=64)
    weights_bytes = models.BigIntegerField()
    channels = models.JSONField()
    label_map = models.JSONField(default=list)
    training_cases = models.PositiveIntegerField()
    result = models.JSONField()
    evaluation = models.OneToOneField(Evaluation, on_delete=models.PROTECT, null=True, related_name="model_version")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="model_number_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(state=ModelState.ACTIVE), name="model_one_active"),
        ]

    def __str__(self) -> str:
        return f"model {self.number} ({self.state})"


class Run(TimeStampedModel):
    """One process on a device, from its order to its result. The row is the truth; the queue only wakes.

    token: fencing token, raised at every claim; who writes with an older one is refused.
    lease_until: the supervisor that holds the run extends it; past it, another may take over.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in RunKind])
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in RunState], default=RunState.PREPARING)
    spec = models.JSONField(default=dict)
    attempt = models.PositiveSmallIntegerField(default=0)
    token = models.PositiveIntegerField(default=0)
    holder = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    fraction = models.FloatField(default=0)
    message = models.CharField(max_length=300, blank=True)
    seconds_left = models.FloatField(null=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["round", "kind"], name="run_kind_once_per_round")]

    def __str__(self) -> str:
        return f"{self.kind} run {self.pk} ({self.state})"


class RunProgress(models.Model):
    """One line of a run's progress, as `ml.contracts.Progress`."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="progress")
    at = models.DateTimeField(auto_now_add=True)
    line = models.JSONField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"progress of run {self.run_id}"


class Prediction(TimeStampedModel):
    """A model's mask of a volume, with how unsure it was (mean normalised entropy, 0 sure … 1 clueless)."""

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="predictions")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="predictions")
    mask = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="+")
    entropy = models.FloatField()
    slice_entropy = models.JSONField(default=list)
    seconds = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_version", "volume"], name="prediction_once")]

    def __str__(self) -> str:
        return f"prediction of volume {self.volume_id} by model {self.model_version_id}"


class CaseScore(TimeStampedModel):
    """What a model said of a volume, by which it may be chosen: `ml.contracts.CaseMeasures` in columns.

    labels: [doubt, volume in ml] by label value; of a labelled case, which has no scores, the doubt is null.
    features: what the encoder made of it, float32 (D) as bytes. doubt_map: sha256 of the blob with the coarse picture.
    """

    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="case_scores")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="case_scores")
    entropy = models.FloatField(null=True)
    margin = models.FloatField(null=True)
    disagreement = models.FloatField(null=True)
    foreground = models.FloatField(null=True)
    labels = models.JSONField(default=dict)
    features = models.BinaryField(default=bytes)
    doubt_map = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model_version", "volume"], name="case_score_once")]

    def __str__(self) -> str:
        return f"scores of volume {self.volume_id} by model {self.model_version_id}"


class Batch(TimeStampedModel):
    """Cases that were picked to be annotated next. The newest of a project is the one that is worked on.

    model_version: whose scores it was chosen by, empty before the first. cases: how many it was chosen from.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    strategy = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Strategy])
    size = models.PositiveIntegerField()
    random_share = models.FloatField()
    seed = models.PositiveBigIntegerField()
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, null=True, related_name="batches")
    cases = models.PositiveIntegerField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="batch_number_once"),
            models.CheckConstraint(condition=Q(size__gte=2), name="batch_has_room_for_chance"),
            models.CheckConstraint(condition=Q(random_share__gte=0, random_share__lte=1), name="batch_share_is_one"),
        ]

    def __str__(self) -> str:
        return f"batch {self.number} ({self.strategy})"


class Pick(models.Model):
    """A case of a batch. The database refuses one of the benchmark, and one of a second reading.

    place: from 1, the order of the work, in which the arms are mixed. score: what it was chosen by; values: what the
    reason was told from, see `ml.query.strategies.Choice`. partition and reading repeat the task's.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="picks")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="picks")
    place = models.PositiveIntegerField()
    partition = models.CharField(max_length=10, default=Partition.POOL)
    reading = models.PositiveSmallIntegerField(default=1)
    arm = models.CharField(max_length=10, choices=[(arm.value, arm.value) for arm in Arm])
    score = models.FloatField(null=True)
    reason = models.TextField()
    values = models.JSONField(default=dict)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="pick_place_once"),
            models.UniqueConstraint(fields=["batch", "task"], name="pick_task_once"),
            models.CheckConstraint(condition=Q(partition=Partition.POOL), name="pick_never_of_the_benchmark"),
            models.CheckConstraint(condition=Q(reading=1), name="pick_never_of_a_second_reading"),
        ]

    def __str__(self) -> str:
        return f"task {self.task_id} in batch {self.batch_id} ({self.arm})"
