"""Existing masks as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.annotation.api.serializers import MAX_NUMBER, TaskPatientSerializer
from backend.annotation.found_masks import Offer
from backend.annotation.imported import Earlier
from backend.core.errors import InvalidInput
from backend.imaging.models import FoundMask

STATES = FoundMask.State.choices


def index_field() -> serializers.ListField:
    """An index (z, y, x)."""
    return serializers.ListField(child=serializers.IntegerField(), min_length=3, max_length=3)


class FoundMaskSerializer(serializers.ModelSerializer[FoundMask]):
    """An existing mask as a list shows it. segments: how many; remarks: what its reader said."""

    patient = TaskPatientSerializer(source="volume.study.patient", read_only=True)
    volume_id = serializers.IntegerField(read_only=True)
    volume_name = serializers.CharField(source="volume.name", read_only=True)
    series_id = serializers.IntegerField(read_only=True, allow_null=True)
    segments = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=STATES, read_only=True)
    remarks = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = FoundMask
        fields = (
            "id",
            "patient",
            "volume_id",
            "volume_name",
            "series_id",
            "source",
            "state",
            "segments",
            "remarks",
            "created_at",
        )
        read_only_fields = fields

    def get_segments(self, found: FoundMask) -> int:
        return len(found.segments)


class FoundMasksQuerySerializer(serializers.Serializer[FoundMask]):
    """What the list may be narrowed to."""

    patient = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    study = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    volume = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER, required=False)
    state = serializers.ChoiceField(choices=STATES, required=False)


class SuggestionSerializer(serializers.Serializer[Any]):
    """A label that fits for certain, and what it was found by."""

    label = serializers.IntegerField()  # type: ignore[assignment]  # the base class has a label too
    by = serializers.ChoiceField(choices=["code", "name"])


class SegmentSerializer(serializers.Serializer[Any]):
    """A segment. concept: what its code means, in words. label: what was decided; 0 leaves it out, null is open.

    first_slice, last_slice: the range in which it has voxels, from 0.
    """

    number = serializers.IntegerField()
    name = serializers.CharField()
    concept = serializers.CharField(allow_blank=True)
    algorithm = serializers.CharField(allow_blank=True)
    voxels = serializers.IntegerField()
    first_slice = serializers.IntegerField()
    last_slice = serializers.IntegerField()
    label = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    suggestion = SuggestionSerializer(allow_null=True)


class OverlapSerializer(serializers.Serializer[Any]):
    """Segments that share voxels."""

    segments = serializers.ListField(child=serializers.IntegerField())
    voxels = serializers.IntegerField()


class CaseSerializer(serializers.Serializer[Any]):
    """The case that the mask would be drawn into. holds_import: it has an imported mask already."""

    task_id = serializers.IntegerField()
    is_benchmark = serializers.BooleanField()
    holds_import = serializers.BooleanField()


class FoundMaskDetailSerializer(serializers.Serializer[Offer]):
    """An existing mask with its segments.

    case: null where no case can take the mask now; blocked says why. note: what the newest revision made of this mask
    notes, empty before.
    """

    mask = FoundMaskSerializer(source="found")
    segments = SegmentSerializer(many=True)
    overlaps = OverlapSerializer(source="found.overlaps", many=True)
    case = CaseSerializer(allow_null=True)
    blocked = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)


class SliceVoxelsSerializer(serializers.Serializer[Any]):
    """How many voxels a slice has, counted from 0."""

    z = serializers.IntegerField()
    voxels = serializers.IntegerField()


class SegmentPlaceSerializer(serializers.Serializer[Any]):
    """Where a segment lies: first and last index (z, y, x), and its voxels in each slice that has any."""

    number = serializers.IntegerField()
    voxels = serializers.IntegerField()
    first_zyx = index_field()
    last_zyx = index_field()
    slices = serializers.SerializerMethodField()

    @extend_schema_field(SliceVoxelsSerializer(many=True))
    def get_slices(self, place: Any) -> list[dict[str, int]]:
        return [{"z": z, "voxels": voxels} for z, voxels in place.by_slice.items()]


class MaskFileSerializer(serializers.Serializer[Any]):
    """One file."""

    file = serializers.FileField(allow_empty_file=False)


class DecisionSerializer(serializers.Serializer[Any]):
    """What a segment is: a label's value, or 0 to leave it out."""

    segment = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    label = serializers.IntegerField(min_value=0, max_value=254)  # type: ignore[assignment]


class ApplySerializer(serializers.Serializer[Any]):
    """What a manager decided, every segment named once. order: labels that meet in a voxel, the one that stays first.

    earlier: whether a mask that was imported before stays under this one. drawn_unaided: the statement, which is put
    into the audit, that no model helped to draw the mask; a case of the benchmark needs it.
    """

    labels = DecisionSerializer(many=True, allow_empty=False)
    order = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=254), required=False, default=list, max_length=254
    )
    earlier = serializers.ChoiceField(choices=[e.value for e in Earlier], required=False, allow_null=True)
    drawn_unaided = serializers.BooleanField(required=False, default=False)

    def validate_labels(self, labels: list[dict[str, int]]) -> list[dict[str, int]]:
        if len({row["segment"] for row in labels}) != len(labels):
            raise InvalidInput("The decision names a segment twice.")
        return labels
