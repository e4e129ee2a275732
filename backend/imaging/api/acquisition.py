"""How a series was made, in the figures that a list or a study's page shows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

FIGURES = {
    "field_strength_t": "MagneticFieldStrength",
    "repetition_time_ms": "RepetitionTime",
    "echo_time_ms": "EchoTime",
    "flip_angle_deg": "FlipAngle",
}


class AcquisitionSerializer(serializers.Serializer[dict[str, Any]]):
    """What the header of the first image says; empty and null where it does not. dimensions: 2D or 3D."""

    manufacturer = serializers.CharField()
    model = serializers.CharField()
    dimensions = serializers.CharField()
    patient_position = serializers.CharField()
    contrast_agent_named = serializers.BooleanField()
    field_strength_t = serializers.FloatField(allow_null=True)
    repetition_time_ms = serializers.FloatField(allow_null=True)
    echo_time_ms = serializers.FloatField(allow_null=True)
    flip_angle_deg = serializers.FloatField(allow_null=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        return {
            "manufacturer": str(instance.get("Manufacturer") or ""),
            "model": str(instance.get("ManufacturerModelName") or ""),
            "dimensions": _first(instance, "MRAcquisitionType") or "",
            "patient_position": _first(instance, "PatientPosition") or "",
            "contrast_agent_named": bool(instance.get("contrast_agent_named")),
            **{name: _first(instance, attribute) for name, attribute in FIGURES.items()},
        }


def _first(attributes: dict[str, Any], name: str) -> Any:
    """The first of an attribute's values, as `Series.attributes` keeps them; None without one."""
    values = attributes.get(name)
    return values[0] if values else None
