"""Tasks and what was drawn in them. Masks and revisions are written once and never edited."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from backend.accounts.models import Project, User
from backend.annotation.workflow import State
from backend.core.models import TimeStampedModel
from backend.imaging.models import FoundMask, Partition, Patient, Volume


class LabelSet(TimeStampedModel):
    """The labels of a project: list of {value, name, colour (#rrggbb)} in rising order of value from 1."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="label_set")
    labels = models.JSONField()

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
    batch = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)

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
    """A model's mask offered as a start. The database refuses one for a patient of the benchmark."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="proposal")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    partition = models.CharField(max_length=10, default=Partition.POOL)
    mask = models.ForeignKey(Mask, on_delete=models.PROTECT, related_name="+")
    model_version_id = models.BigIntegerField()
    source = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(partition=Partition.POOL), name="proposal_never_on_the_benchmark"),
        ]

    def __str__(self) -> str:
        return f"proposal for task {self.task_id} by {self.source}"


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
