"""Tasks and what was drawn in them. Masks and revisions are written once and never edited."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Project, User
from backend.annotation.workflow import State
from backend.core.models import TimeStampedModel
from backend.imaging.models import FoundMask, Partition, Patient, Volume


class LabelSet(TimeStampedModel):
    """The labels of a project: list of {value, name, colour (#rrggbb)} in rising order of value from 1.

    checks: rules by which a drawing is checked before it is submitted, as `checks.read_rules` takes them; null has
    those by default.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="label_set")
    labels = models.JSONField()
    checks = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"labels of {self.project}"


class Mask(models.Model):
    """A label map on a volume. slices: list of [index, sha256 of the coded slice], non-empty slices only, rising."""

    sha256 = models.CharField(max_length=64)
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="masks")
    slices = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["volume", "sha256"], name="mask_once_per_volume")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Origin(models.TextChoices):
    """Where a revision's voxels came from."""

    HUMAN = "human"
    MODEL = "model"
    IMPORT = "import"


class Task(TimeStampedModel):
    """Draw one volume; a second reading of the same volume is another task.

    head is the newest revision; approved is the one that was approved, pinned.
    partition repeats the patient's, held equal by a composite foreign key.
    place: in the current batch, from 1; null for what waits behind it.
    slices: those asked for, rising, counted from 0; null asks for the whole volume.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="tasks")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="tasks")
    reading = models.PositiveSmallIntegerField(default=1)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="tasks")
    partition = models.CharField(max_length=10, choices=Partition.choices)
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in State], default=State.OPEN)
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="tasks")
    head = models.ForeignKey("Revision", on_delete=models.PROTECT, null=True, related_name="+")
    approved = models.ForeignKey("Revision", on_delete=models.PROTECT, null=True, related_name="+")
    place = models.PositiveIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True)
    slices = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["project", "state", "id"]), models.Index(fields=["assignee", "state"])]
        constraints = [
            models.UniqueConstraint(fields=["volume", "reading"], name="task_reading_once"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="task_state_known"),
            models.CheckConstraint(
                condition=Q(state=State.APPROVED, approved__isnull=False, approved=F("head"))
                | (~Q(state=State.APPROVED) & Q(approved__isnull=True)),
                name="task_approved_pins_its_head",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.IN_PROGRESS, State.SUBMITTED]) | Q(assignee__isnull=False),
                name="task_in_work_has_an_assignee",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} ({self.state})"


class Revision(models.Model):
    """One saved version of a task's mask, like a commit. author is empty for a model's or an import's.

    source names the origin further, such as `model 3`. changed: voxels changed against the parent, by label value.
    accepted: the cells of the task's proposal that are taken as of this revision, as `slice_ranges` writes them.
    found_mask: what an import was made of; note: what was left out of it, and which label won where two met.
    """

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="revisions")
    mask = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="revisions")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    source = models.CharField(max_length=80, blank=True)
    changed = models.JSONField(default=dict)
    accepted = models.TextField(default="", blank=True, db_default="")
    found_mask = models.ForeignKey(FoundMask, on_delete=models.PROTECT, null=True, related_name="revisions")
    note = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=64, null=True)  # noqa: DJ001 - NULL is "none given", and not unique
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["task", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["task", "idempotency_key"], name="revision_idempotency_key_once"),
            models.CheckConstraint(
                condition=Q(origin=Origin.HUMAN, author__isnull=False) | ~Q(origin=Origin.HUMAN),
                name="revision_by_a_human_has_an_author",
            ),
            models.CheckConstraint(
                condition=Q(origin=Origin.IMPORT) | Q(found_mask__isnull=True),
                name="revision_of_a_found_mask_is_an_import",
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of task {self.task_id}"


class Proposal(models.Model):
    """A model's mask offered as a start. The database refuses one for the benchmark and for a second reading.

    content: by label value, voxels and slices, as `proposals.content_of` gives it.
    pinned_at: when the task was first claimed; no later draft takes its place from then on.
    declined_at: when the annotator chose to start empty; what is taken later is said by the revisions.
    """

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="proposal")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    partition = models.CharField(max_length=10, default=Partition.POOL)
    reading = models.PositiveSmallIntegerField(default=1, db_default=1)
    mask = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="+")
    model_version_id = models.BigIntegerField()
    source = models.CharField(max_length=80)
    content = models.JSONField(null=True)
    pinned_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(partition=Partition.POOL), name="proposal_never_on_the_benchmark"),
            models.CheckConstraint(condition=Q(reading=1), name="proposal_never_for_a_second_reading"),
        ]

    def __str__(self) -> str:
        return f"proposal for task {self.task_id} by {self.source}"


class Submission(models.Model):
    """A revision handed to review. warnings: findings that were ticked, as `Finding.to_json` gives them."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="submissions")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="submissions")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="submissions")
    warnings = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"submission of task {self.task_id}"


class Review(models.Model):
    """A radiologist's decision on one revision."""

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve"
        RETURN = "return"

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="reviews")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=Decision.choices)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="approve") | (Q(decision="return") & ~Q(reason="")),
                name="review_return_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision} of task {self.task_id}"


class Remark(models.Model):
    """A sentence pinned to a place (z, y, x) in the volume, or to a slice where y and x are empty."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="remarks")
    z = models.PositiveIntegerField()
    y = models.PositiveIntegerField(null=True)
    x = models.PositiveIntegerField(null=True)
    text = models.TextField()

    class Meta:
        ordering = ["z", "pk"]

    def __str__(self) -> str:
        return f"remark on slice {self.z}"


class WorkPeriod(models.Model):
    """A stretch of time that somebody spent on a task. seconds: of it, those with a hand on mouse or keyboard.

    key: names the report, so that one sent twice counts once. The periods of a person never overlap.
    """

    class Kind(models.TextChoices):
        """What was done."""

        DRAW = "draw"
        REVIEW = "review"

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="work_periods")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="work_periods")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=64)
    seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["user", "ended_at"])]
        constraints = [
            models.UniqueConstraint(fields=["task", "user", "key"], name="work_period_key_once"),
            models.CheckConstraint(condition=Q(ended_at__gt=F("started_at")), name="work_period_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.kind} in task {self.task_id}"


class OriginCounts(models.Model):
    """Where the voxels of a revision come from, as `effort.Origins` tells; kept, since a revision never changes.

    slices: those that were asked for then; another wish is another count.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="origin_counts")
    slices = models.TextField(blank=True)
    labels = models.JSONField()
    corrected = models.PositiveBigIntegerField()
    drafted = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revision", "slices"], name="origin_counts_once")]

    def __str__(self) -> str:
        return f"origins of revision {self.revision_id}"
