"""What a finished run leaves behind as `result.json` in its output folder."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TrainResult:
    """A trained model.

    model_dir: folder, relative to the output folder, with plans.json, dataset.json and the weights.
    weights_file: path of the weights relative to model_dir; weights_sha256 and weights_bytes describe it.
    pseudo_dice: of the last epoch, by label name (nnU-Net's running estimate, not a score).
    seconds: wall time of the training. versions: of nnunetv2, torch, numpy and Python.
    """

    model_dir: str
    weights_file: str
    weights_sha256: str
    weights_bytes: int
    epochs: int
    training_cases: int
    pseudo_dice: dict[str, float]
    seconds: float
    device: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CasePrediction:
    """One drafted mask.

    mask_file: NIfTI label map relative to the output folder, on the grid of the case's channels.
    seconds: network and resampling time.
    entropy: mean over voxels of the normalised entropy (0 sure … 1 clueless) of the class probabilities.
    slice_entropy: the same, per slice z.
    """

    case_id: str
    mask_file: str
    seconds: float
    entropy: float
    slice_entropy: tuple[float, ...] = ()


@dataclass(frozen=True)
class PredictResult:
    """All masks of one drafting run."""

    cases: tuple[CasePrediction, ...]
    seconds: float
    device: str
    versions: dict[str, str] = field(default_factory=dict)
