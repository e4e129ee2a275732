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
    person_key: keyed hash of name, birth date and sex, empty without them; who shares it may be one person.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="patients")
    pseudonym = models.CharField(max_length=32)
    source_key = models.CharField(max_length=64)
    person_key = models.CharField(max_length=64, blank=True)
    partition = models.CharField(max_length=10, choices=Partition.choices, null=True)  # noqa: DJ001 - NULL is "not yet"
    sex = models.CharField(max_length=1, blank=True)
    age_years = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["project", "person_key"])]
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
    """One visit to the scanner. uid is the remapped StudyInstanceUID; study_date is shifted.

    report: what its import said of it, as lines of `ImportRun.report`.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="studies")
    uid = models.CharField(max_length=64)
    study_date = models.DateField(null=True)
    description = models.CharField(max_length=200, blank=True)
    report = models.JSONField(default=list)

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
    header: the first image's attributes after de-identification, in the DICOM JSON model (PS3.18 F) without pixels.
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
    header = models.JSONField(default=dict)

    class Meta:
        ordering = ["number", "pk"]
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["study", "uid"], name="series_uid_once")]

    def __str__(self) -> str:
        return f"series {self.pk} ({self.modality})"


class Volume(TimeStampedModel):
    """A grid on which masks are drawn, with one or more phases on it.

    affine maps (z, y, x, 1) to LPS mm, as `ml.geometry.Geometry`.
    thumbnail, projection: sha256 of PNG blobs of the middle slice and of the maximum intensity projection.
    pinned_by: what was made of its phases as they are, in words; they cannot change any more. Empty while they may.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="volumes")
    name = models.CharField(max_length=120)
    is_dce = models.BooleanField()
    size_z = models.PositiveIntegerField()
    size_y = models.PositiveIntegerField()
    size_x = models.PositiveIntegerField()
    affine = models.JSONField()
    thumbnail = models.CharField(max_length=64, blank=True)
    projection = models.CharField(max_length=64, blank=True)
    pinned_by = models.CharField(max_length=120, blank=True)

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

    chunks: sha256 of blocks of `slices_per_chunk` slices (the last may be shorter), coded as `codec` says.
    Stored value × slope + intercept = scanner value. time_s: seconds after phase 0; reason: how the order was found.
    window_low, window_high: 1st and 99.5th percentile of the stored values, for display.
    instances: [remapped SOP instance UID, frame from 1] of each slice; empty for images that did not come as DICOM.
    found: {index, label, time_s, reason} as the import found them, once somebody put the phases into another order.
    """

    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="phases")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="phases")
    index = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120)
    time_s = models.FloatField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    found = models.JSONField(default=dict)
    codec = models.CharField(max_length=20, default="gzip")
    slices_per_chunk = models.PositiveSmallIntegerField()
    chunks = models.JSONField()
    instances = models.JSONField(default=list)
    slope = models.FloatField(default=1)
    intercept = models.FloatField(default=0)
    window_low = models.FloatField()
    window_high = models.FloatField()

    class Meta:
        ordering = ["index"]
        constraints = [models.UniqueConstraint(fields=["volume", "index"], name="phase_index_once")]

    def __str__(self) -> str:
        return f"phase {self.index} of volume {self.volume_id}"


class PatientAlias(TimeStampedModel):
    """Another identifier under which a patient came: the source key of one that was merged into it.

    pseudonym: the one that it had, which is never given again.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="aliases")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    source_key = models.CharField(max_length=64)
    pseudonym = models.CharField(max_length=32)

    class Meta:
        verbose_name_plural = "patient aliases"
        constraints = [models.UniqueConstraint(fields=["project", "source_key"], name="alias_source_once")]

    def __str__(self) -> str:
        return f"alias of patient {self.patient_id}"


class PatientIdentity(TimeStampedModel):
    """Who a pseudonym is: an encrypted JSON object. The one place of the database that can name a person.

    source_key: the identifier it came under, so that a merged patient keeps one row for each.
    identifier_key: keyed hash of the identifier alone, by which it is looked for; empty without one.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="identities")
    source_key = models.CharField(max_length=64)
    identifier_key = models.CharField(max_length=64, blank=True, db_index=True)
    sealed = models.BinaryField()

    class Meta:
        verbose_name_plural = "patient identities"
        constraints = [models.UniqueConstraint(fields=["patient", "source_key"], name="identity_once")]

    def __str__(self) -> str:
        return f"identity of patient {self.patient_id}"


class DifferentPeople(TimeStampedModel):
    """Somebody said that two patients who look like one person are two; first has the smaller id."""

    first = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "different people"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="different_people_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="different_people_in_order"),
        ]

    def __str__(self) -> str:
        return f"patients {self.first_id} and {self.second_id} are two"


class JobState(models.TextChoices):
    """How far a piece of work on a volume is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DerivedChannel(TimeStampedModel):
    """An image computed from a volume's phases on its grid, made when first asked for.

    key: its name in `ml.preprocessing.channels`, such as `phase2-phase0` or `dce_in`.
    parameters: all that decides its voxels, the hashes of its phases among it; a row that differs is out of date.
    chunks and the rest as in `Phase`. message: why it failed. attempts: jobs that began it and did not end it.
    projections: sha256 of a PNG of the maximum intensity projection by plane: axial, coronal, sagittal.
    """

    volume = models.ForeignKey(Volume, on_delete=models.CASCADE, related_name="derived")
    key = models.CharField(max_length=80)
    parameters = models.JSONField()
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    message = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    codec = models.CharField(max_length=20, blank=True)
    slices_per_chunk = models.PositiveSmallIntegerField(default=0)
    chunks = models.JSONField(default=list)
    slope = models.FloatField(default=1)
    intercept = models.FloatField(default=0)
    window_low = models.FloatField(default=0)
    window_high = models.FloatField(default=1)
    projections = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["volume", "key"], name="derived_once")]

    def __str__(self) -> str:
        return f"{self.key} of volume {self.volume_id}"


class Registration(TimeStampedModel):
    """The phases of a volume moved onto its first one, beside the original ones until somebody uses them.

    report: per moved phase, how like the first it was before and after, and how far it moved (mm).
    phases: per phase {codec, slices_per_chunk, chunks, slope, intercept, window_low, window_high}.
    inputs: digest of each phase as it was; while they differ from the volume's phases, it is out of date.
    originals: what `phases` took the place of, while it is in use.
    pictures: per moved phase, sha256 of PNGs before and after.
    """

    class Method(models.TextChoices):
        """How a phase may move."""

        RIGID = "rigid"
        DEFORMABLE = "deformable"

    volume = models.ForeignKey(Volume, on_delete=models.CASCADE, related_name="registrations")
    method = models.CharField(max_length=12, choices=Method.choices)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    message = models.CharField(max_length=300, blank=True)
    progress = models.FloatField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    began_at = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)
    inputs = models.JSONField(default=list)
    report = models.JSONField(default=list)
    phases = models.JSONField(default=list)
    originals = models.JSONField(default=list)
    pictures = models.JSONField(default=dict)
    in_use = models.BooleanField(default=False)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["volume"], condition=models.Q(in_use=True), name="registration_in_use_once_per_volume"
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} registration of volume {self.volume_id}"


class FoundMask(TimeStampedModel):
    """A segmentation that came with a study or was added to a volume, waiting for its segments to be mapped.

    segments: list of {number, name, category, type, algorithm, voxels, label}; label: value in the project's label set,
    0 to leave it out, None while nobody has said. overlaps: list of {segments, voxels}.
    content: sha256 of a blob that holds one bit map per segment on the volume's grid.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting"
        STORED = "stored"
        DISCARDED = "discarded"

    volume = models.ForeignKey(Volume, on_delete=models.CASCADE, related_name="found_masks")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="found_masks")
    source = models.CharField(max_length=120)
    instances_key = models.CharField(max_length=64)
    segments = models.JSONField()
    overlaps = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    content = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["volume", "instances_key"], name="found_mask_once")]

    def __str__(self) -> str:
        return f"found mask {self.pk} on volume {self.volume_id}"


class ImportRun(TimeStampedModel):
    """One import, as told to the person who started it.

    source: where the files came from, in words that name no patient. folder: where uploaded files wait; empty else.
    partition: where new patients go; empty leaves them to be assigned.
    asked_at: when every file was there and a job was asked to read them; started_at: when one began to.
    cancelling: somebody wants it to end after the file or study at work.
    report: list of {level: ok|warning|error, subject, message, action}.
    """

    class State(models.TextChoices):
        """How far the import is."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="imports")
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    source = models.CharField(max_length=200)
    folder = models.CharField(max_length=500, blank=True)
    partition = models.CharField(max_length=10, choices=Partition.choices, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    cancelling = models.BooleanField(default=False)
    files_total = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}"


class Upload(TimeStampedModel):
    """Files on their way from a browser, as one stream: a connection that breaks is continued, not begun again.

    sizes: bytes of each file in the order of the stream; received: bytes of the stream that are durably on disk.
    """

    run = models.OneToOneField(ImportRun, on_delete=models.CASCADE, related_name="upload")
    token = models.CharField(max_length=40, unique=True)
    sizes = models.JSONField()
    total = models.BigIntegerField()
    received = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(received__gte=0, received__lte=models.F("total")),
                name="upload_received_within_total",
            )
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"


class HeldStudy(TimeStampedModel):
    """A study in quarantine: its files wait in a folder of the server until it is tried again or dropped.

    subject: how reports call it, which names nobody; reasons: lines of the report. source_key, study_uid: stand-ins by
    which it is known, so that it is held once. instances_key: over the series that came. resolved_by: the import that
    tries it again, or took it in. folder: empty when its files could not be kept, or are gone.
    """

    class State(models.TextChoices):
        """What became of it."""

        HELD = "held"
        RETRIED = "retried"
        RESOLVED = "resolved"
        DROPPED = "dropped"

    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="held")
    subject = models.CharField(max_length=80)
    reasons = models.JSONField()
    files = models.PositiveIntegerField()
    source_key = models.CharField(max_length=64)
    study_uid = models.CharField(max_length=64)
    instances_key = models.CharField(max_length=64)
    folder = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    resolved_by = models.ForeignKey(ImportRun, on_delete=models.PROTECT, null=True, related_name="retries")

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "held studies"
        constraints = [
            models.UniqueConstraint(
                fields=["source_key", "study_uid"],
                condition=models.Q(state__in=["held", "retried"]),
                name="held_study_once",
            )
        ]

    def __str__(self) -> str:
        return f"held study {self.pk} of import {self.run_id}"
