"""Patients, studies, volumes and imports as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.imaging.api.acquisition import AcquisitionSerializer
from backend.imaging.api.images import versioned
from backend.imaging.models import ImportRun, Partition, Patient, Phase, Series, Study, Upload, Volume

Vector = serializers.ListField(child=serializers.FloatField(), min_length=3, max_length=3)


def thumbnail_url(volume_id: int) -> str:
    """Address of a volume's picture."""
    return f"/api/volumes/{volume_id}/thumbnail"


def projection_url(volume_id: int, digest: str | None) -> str | None:
    """Address of a volume's maximum intensity projection, where it has one."""
    return f"/api/volumes/{volume_id}/projection?v={digest[:16]}" if digest else None


def upload_url(upload: Upload) -> str:
    """Address that takes the bytes of an upload."""
    return f"/api/uploads/{upload.token}"


class PatientSerializer(serializers.ModelSerializer[Patient]):
    """A patient as a list shows it."""

    partition = serializers.ChoiceField(choices=Partition.choices, allow_null=True, read_only=True)
    sex = serializers.CharField(read_only=True)
    studies = serializers.IntegerField(source="study_count", read_only=True)
    volumes = serializers.IntegerField(source="volume_count", read_only=True)
    tasks = serializers.IntegerField(source="task_count", read_only=True)
    thumbnail = serializers.SerializerMethodField()
    projection = serializers.SerializerMethodField()

    class Meta:
        model = Patient
        fields = (
            "id",
            "pseudonym",
            "partition",
            "sex",
            "age_years",
            "studies",
            "volumes",
            "tasks",
            "thumbnail",
            "projection",
            "created_at",
        )
        read_only_fields = fields

    def get_thumbnail(self, patient: Patient) -> str | None:
        volume_id: int | None = getattr(patient, "pictured_volume_id", None)
        return None if volume_id is None else thumbnail_url(volume_id)

    def get_projection(self, patient: Patient) -> str | None:
        volume_id: int | None = getattr(patient, "pictured_volume_id", None)
        return None if volume_id is None else projection_url(volume_id, getattr(patient, "pictured_projection", None))


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    """A phase; window_low and window_high are stored values, stored × slope + intercept is the scanner's."""

    time_s = serializers.FloatField(allow_null=True, read_only=True)
    series_id = serializers.IntegerField(read_only=True)
    chunks = serializers.SerializerMethodField()

    class Meta:
        model = Phase
        fields = (
            "index",
            "series_id",
            "label",
            "time_s",
            "reason",
            "codec",
            "slices_per_chunk",
            "chunks",
            "slope",
            "intercept",
            "window_low",
            "window_high",
        )
        read_only_fields = fields

    def get_chunks(self, phase: Phase) -> list[str]:
        base = f"/api/volumes/{phase.volume_id}/phases/{phase.index}/chunks"
        return [versioned(f"{base}/{number}", digest) for number, digest in enumerate(phase.chunks)]


class VolumeSerializer(serializers.ModelSerializer[Volume]):
    """A volume with its phases; affine maps (z, y, x, 1) to LPS mm. masks_waiting: existing masks nobody has mapped."""

    shape_zyx = serializers.SerializerMethodField()
    spacing_zyx_mm = serializers.SerializerMethodField()
    affine = serializers.SerializerMethodField()
    phases = PhaseSerializer(many=True, read_only=True)
    thumbnail = serializers.SerializerMethodField()
    projection = serializers.SerializerMethodField()
    task_id = serializers.IntegerField(allow_null=True, read_only=True)
    masks_waiting = serializers.IntegerField(read_only=True)

    class Meta:
        model = Volume
        fields = (
            "id",
            "name",
            "is_dce",
            "shape_zyx",
            "spacing_zyx_mm",
            "affine",
            "phases",
            "thumbnail",
            "projection",
            "task_id",
            "masks_waiting",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3))
    def get_shape_zyx(self, volume: Volume) -> list[int]:
        return list(volume.shape_zyx)

    @extend_schema_field(Vector)
    def get_spacing_zyx_mm(self, volume: Volume) -> list[float]:
        return list(volume.geometry.spacing_zyx_mm)

    @extend_schema_field(
        serializers.ListField(
            child=serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4),
            min_length=4,
            max_length=4,
        )
    )
    def get_affine(self, volume: Volume) -> list[list[float]]:
        rows: list[list[float]] = volume.affine
        return rows

    def get_thumbnail(self, volume: Volume) -> str:
        return thumbnail_url(volume.pk)

    def get_projection(self, volume: Volume) -> str | None:
        return projection_url(volume.pk, volume.projection)


class SeriesSerializer(serializers.ModelSerializer[Series]):
    """A series as it came; kind says what became of it, acquisition how it was made."""

    number = serializers.IntegerField(allow_null=True, read_only=True)
    kind = serializers.SerializerMethodField()
    acquisition = AcquisitionSerializer(source="attributes", read_only=True)

    class Meta:
        model = Series
        fields = ("id", "number", "modality", "description", "instances", "kind", "acquisition")
        read_only_fields = fields

    def get_kind(self, series: Series) -> str:
        by_volume: dict[Volume, list[int]] = {}
        for phase in series.phases.all():
            by_volume.setdefault(phase.volume, []).append(phase.index)
        masked = {mask.volume for mask in series.found_masks.all()}
        became = [f"{_phases(indices)} of “{volume.name}”" for volume, indices in by_volume.items()]
        became += [f"existing mask on “{volume.name}”" for volume in sorted(masked, key=lambda volume: volume.pk)]
        return "; ".join(became) or f"not drawn on: {series.not_drawn_on or 'no volume was made of it'}"


def _phases(indices: list[int]) -> str:
    return f"phase {indices[0]}" if len(indices) == 1 else f"phases {indices[0]} to {indices[-1]}"


class ReportLineSerializer(serializers.Serializer[Any]):
    """One line of an import's report."""

    level = serializers.ChoiceField(choices=["ok", "warning", "error"])
    subject = serializers.CharField()
    message = serializers.CharField()
    action = serializers.CharField()


class StudySerializer(serializers.ModelSerializer[Study]):
    """A visit, with its shifted date. report: what its import said of it."""

    report = ReportLineSerializer(many=True, read_only=True)
    series = SeriesSerializer(many=True, read_only=True)
    volumes = VolumeSerializer(many=True, read_only=True)

    class Meta:
        model = Study
        fields = ("id", "study_date", "description", "report", "series", "volumes", "created_at")
        read_only_fields = fields


class PatientDetailSerializer(PatientSerializer):
    """A patient with everything that is known of it: its studies stand where a list shows their number."""

    studies = StudySerializer(many=True, read_only=True)  # type: ignore[assignment]


class PartitionRequestSerializer(serializers.Serializer[Any]):
    """Where a patient goes."""

    partition = serializers.ChoiceField(choices=Partition.choices)


class ImportUploadSerializer(serializers.ModelSerializer[Upload]):
    """How many bytes of an import's files have arrived."""

    url = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("url", "received", "total")
        read_only_fields = fields

    def get_url(self, upload: Upload) -> str:
        return upload_url(upload)


class ImportRunSerializer(serializers.ModelSerializer[ImportRun]):
    """An import and how far it is. upload: for files that come, or came, from a browser.

    started_at: when its files began to be read, from which the time left follows; cancelling: it ends soon.
    """

    started_at = serializers.DateTimeField(allow_null=True, read_only=True)
    partition = serializers.ChoiceField(choices=["", *Partition.values], read_only=True)
    report = ReportLineSerializer(many=True, read_only=True)
    started_by = serializers.SerializerMethodField()
    upload = ImportUploadSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ImportRun
        fields = (
            "id",
            "state",
            "source",
            "partition",
            "files_total",
            "files_done",
            "started_at",
            "cancelling",
            "report",
            "started_by",
            "upload",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_started_by(self, run: ImportRun) -> str | None:
        return None if run.started_by is None else run.started_by.display_name
