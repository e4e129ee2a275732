"""What the API says about snapshots and dataset files."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from backend.exports.channels import channels_from_json
from backend.exports.models import DatasetFile, Snapshot


class DatasetFileSerializer(serializers.ModelSerializer[DatasetFile]):
    """A file on its way or ready; url is empty until it is ready."""

    cases = serializers.IntegerField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = DatasetFile
        fields = ("id", "format", "state", "cases_done", "cases", "name", "bytes", "sha256", "error", "url")
        read_only_fields = fields

    def get_url(self, file: DatasetFile) -> str | None:
        return f"/api/dataset-files/{file.pk}/download" if file.state == DatasetFile.State.READY else None


@extend_schema_serializer(component_name="DatasetFile")
class DatasetFileOrderSerializer(serializers.Serializer[Any]):
    """Body of an order for a file."""

    format = serializers.ChoiceField(choices=["nnunet"])


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    """A snapshot in a list. created_by: display name; empty when the platform froze it."""

    cases = serializers.IntegerField()
    created_by = serializers.SerializerMethodField()
    files = DatasetFileSerializer(many=True, read_only=True)

    class Meta:
        model = Snapshot
        fields: tuple[str, ...] = ("id", "number", "cases", "sha256", "created_at", "created_by", "files")
        read_only_fields = fields

    def get_created_by(self, snapshot: Snapshot) -> str | None:
        return snapshot.created_by.display_name if snapshot.created_by else None


class SnapshotItemSerializer(serializers.Serializer[Any]):
    """One frozen case."""

    case_id = serializers.CharField()
    pseudonym = serializers.CharField()
    task_id = serializers.IntegerField()
    revision = serializers.IntegerField()
    mask_sha256 = serializers.CharField()
    fold = serializers.IntegerField()


class SnapshotDetailSerializer(SnapshotSerializer):
    """A snapshot with its cases."""

    channels = serializers.SerializerMethodField()
    items = SnapshotItemSerializer(many=True, source="manifest.cases", read_only=True)

    class Meta(SnapshotSerializer.Meta):
        fields = (*SnapshotSerializer.Meta.fields, "channels", "items")
        read_only_fields = fields

    def get_channels(self, snapshot: Snapshot) -> list[str]:
        return [channel.name for channel in channels_from_json(snapshot.manifest["channels"])]
