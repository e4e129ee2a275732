"""Frozen datasets and the files made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.accounts.models import Project, User
from backend.annotation.models import Revision
from backend.core.models import TimeStampedModel
from backend.imaging.models import Partition, Patient


class Snapshot(TimeStampedModel):
    """Approved revisions of pool patients, frozen. manifest is all that rebuilds it; sha256 is its hash."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    manifest = models.JSONField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="snapshot_number_once")]

    def __str__(self) -> str:
        return f"snapshot {self.number} of {self.project_id}"


class SnapshotItem(models.Model):
    """One case of a snapshot. The database refuses a patient of the benchmark.

    slices: those that the task asked for when it was frozen; null for the whole volume.
    """

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="items")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    partition = models.CharField(max_length=10, default=Partition.POOL)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    fold = models.PositiveSmallIntegerField()
    slices = models.JSONField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "revision"], name="snapshot_item_once"),
            models.CheckConstraint(condition=Q(partition=Partition.POOL), name="snapshot_never_from_the_benchmark"),
        ]

    def __str__(self) -> str:
        return f"revision {self.revision_id} in snapshot {self.snapshot_id}"


class DatasetFile(TimeStampedModel):
    """A zip made of a snapshot, waiting to be downloaded."""

    class State(models.TextChoices):
        """How far the file is."""

        WAITING = "waiting"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="files")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    format = models.CharField(max_length=20, default="nnunet")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    cases_done = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)
    bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.format} file of snapshot {self.snapshot_id}"
