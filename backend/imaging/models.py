"""Patients and their images. Nothing here names a person: what came in is de-identified first."""

from __future__ import annotations

from django.db import models

from backend.accounts.models import Project, User
from backend.core.models import TimeStampedModel
from ml.geometry import Geometry


class Partition(models.TextChoices):
    """Which side of the wall a patient is on."""

    POOL = "POOL", "pool"
    BENCHMARK = "BENCHMARK", "benchmark"


class Patient(TimeStampedModel):
    """One person, under a pseudonym.

    partition is empty until set and never changes after (a database trigger holds that).
    source_key is a keyed hash of the patient's identifier at import, so that a second import finds the same patient.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="patients")
    pseudonym = models.CharField(max_length=32)
    source_key = models.CharField(max_length=64)
    partition = models.CharField(max_length=10, choices=Partition.choices, null=True)  # noqa: DJ001 - NULL is "not yet"
    sex = models.CharField(max_length=1, blank=True)
    age_years = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "pseudonym"], name="patient_pseudonym_once"),
            models.UniqueConstraint(fields=["project", "source_key"], name="patient_source_once"),
            # Target of composite foreign keys: a row that says POOL can only point at a POOL patient.
            models.UniqueConstraint(fields=["id", "partition"], name="patient_id_partition"),
            models.CheckConstraint(
                condition=models.Q(partition__isnull=True) | models.Q(partition__in=Partition.values),
                name="patient_partition_known",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class Study(TimeStampedModel):
    """One visit to the scanner. uid is the remapped StudyInstanceUID; study_date is shifted."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="studies")
    uid = models.CharField(max_length=64)
    study_date = models.DateField(null=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "studies"
        constraints = [models.UniqueConstraint(fields=["patient", "uid"], name="study_uid_once")]

    def __str__(self) -> str:
        return f"study {self.pk}"


class Series(TimeStampedModel):
    """One series as it came, image or not.

    instances_key: keyed hash over its SOP instance UIDs, so that the same files are known again.
    attributes: what the de-identification procedure keeps of how it was made.
    not_drawn_on: why no volume was made of it; empty when its images are in one.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="series")
    uid = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    modality = models.CharField(max_length=16)
    description = models.CharField(max_length=200, blank=True)
    instances = models.PositiveIntegerField()
    instances_key = models.CharField(max_length=64, blank=True)
    not_drawn_on = models.CharField(max_length=200, blank=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        ordering = ["number", "pk"]
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["study", "uid"], name="series_uid_once")]

    def __str__(self) -> str:
        return f"series {self.pk} ({self.modality})"


class Volume(TimeStampedModel):
    """A grid on which masks are drawn, with one or more phases on it.

    affine maps (z, y, x, 1) to LPS mm, as `ml.geometry.Geometry`. thumbnail: sha256 of a PNG blob.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="volumes")
    name = models.CharField(max_length=120)
    is_dce = models.BooleanField()
    size_z = models.PositiveIntegerField()
    size_y = models.PositiveIntegerField()
    size_x = models.PositiveIntegerField()
    affine = models.JSONField()
    thumbnail = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"volume {self.pk}"

    @property
    def shape_zyx(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        return self.size_z, self.size_y, self.size_x

    @property
    def geometry(self) -> Geometry:
        """Grid in the patient."""
        return Geometry.from_json({"shape_zyx": list(self.shape_zyx), "affine": self.affine})


class Phase(TimeStampedModel):
    """One time point of a volume, index 0 = pre-contrast.

    chunks: sha256 of gzip-compressed little-endian int16 blocks of `slices_per_chunk` slices (the last may be shorter).
    Stored value × slope + intercept = scanner value. time_s: seconds after phase 0; reason: how the order was found.
    window_low, window_high: 1st and 99.5th percentile of the stored values, for display.
    """

    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="phases")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="phases")
    index = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    time_s = models.FloatField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    slices_per_chunk = models.PositiveSmallIntegerField()
    chunks = models.JSONField()
    slope = models.FloatField(default=1)
    intercept = models.FloatField(default=0)
    window_low = models.FloatField()
    window_high = models.FloatField()

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["volume", "index"], name="phase_index_once")]

    def __str__(self) -> str:
        return f"phase {self.index} of volume {self.volume_id}"


class ImportRun(TimeStampedModel):
    """One import, as told to the person who started it.

    source: where the files came from, in words that name no patient. folder: where uploaded files wait; empty else.
    partition: where new patients go; empty leaves them to be assigned.
    report: list of {level: ok|warning|error, subject, message, action}.
    """

    class State(models.TextChoices):
        """How far the import is."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="imports")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    source = models.CharField(max_length=200)
    folder = models.CharField(max_length=500, blank=True)
    partition = models.CharField(max_length=10, choices=Partition.choices, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    files_total = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}"
