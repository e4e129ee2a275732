"""What crosses the border between the platform and a GPU run: frozen values, written and read as JSON."""

from ml.contracts.channels import Channel
from ml.contracts.codec import from_json, to_json
from ml.contracts.presets import PRESETS, Preset, preset, settings_json, settings_of
from ml.contracts.progress import Progress
from ml.contracts.results import (
    AdoptResult,
    CaseFeatures,
    CaseMeasures,
    CasePrediction,
    LabelMeasure,
    PredictResult,
    TrainResult,
    joint_sha256,
)
from ml.contracts.specs import AdoptSpec, Case, PredictSpec, TrainSpec
from ml.contracts.vectors import vector_from_text, vector_to_text

__all__ = [
    "PRESETS",
    "AdoptResult",
    "AdoptSpec",
    "Case",
    "CaseFeatures",
    "CaseMeasures",
    "CasePrediction",
    "Channel",
    "LabelMeasure",
    "PredictResult",
    "PredictSpec",
    "Preset",
    "Progress",
    "TrainResult",
    "TrainSpec",
    "from_json",
    "joint_sha256",
    "preset",
    "settings_json",
    "settings_of",
    "to_json",
    "vector_from_text",
    "vector_to_text",
]
