"""What crosses the border between the platform and a GPU run: frozen values, written and read as JSON."""

from ml.contracts.channels import Channel
from ml.contracts.codec import from_json, to_json
from ml.contracts.presets import PRESETS, Preset, preset
from ml.contracts.progress import Progress
from ml.contracts.results import CasePrediction, PredictResult, TrainResult, joint_sha256
from ml.contracts.specs import Case, PredictSpec, TrainSpec

__all__ = [
    "PRESETS",
    "Case",
    "CasePrediction",
    "Channel",
    "PredictResult",
    "PredictSpec",
    "Preset",
    "Progress",
    "TrainResult",
    "TrainSpec",
    "from_json",
    "joint_sha256",
    "preset",
    "to_json",
]
