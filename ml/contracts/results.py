"""What a finished run leaves behind as `result.json` in its output folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TrainResult:
    """A trained model.

    model_dir: folder, relative to the output folder, with plans.json, dataset.json and the weights.
    weights: sha256 of each weights file, by its path relative to model_dir, one per fold; weights_sha256 stands for all
    of them, see `joint_sha256`; weights_bytes is their sum.
    configuration: of those that were trained, the one that was kept. validation: mean Dice of each by label name, over
    the validation cases of all folds; empty where nothing was to be chosen.
    pseudo_dice: of the last epoch of the last fold, by label name (nnU-Net's running estimate, not a score).
    seconds: wall time of the training. versions: of nnunetv2, torch, numpy and Python.
    """

    model_dir: str
    weights: dict[str, str]
    weights_sha256: str
    weights_bytes: int
    epochs: int
    training_cases: int
    pseudo_dice: dict[str, float]
    seconds: float
    device: str
    configuration: str
    validation: dict[str, dict[str, float]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)


def joint_sha256(weights: Mapping[str, str]) -> str:
    """One hash for a model's weights, given sha256 by path: of one file its own, of several that of the sorted lines.

    A line is `<sha256>  <path>`, as sha256sum writes it. Raises ValueError for none.
    """
    if not weights:
        raise ValueError("a model has one weights file or more")
    if len(weights) == 1:
        return next(iter(weights.values()))
    lines = "".join(f"{digest}  {path}\n" for path, digest in sorted(weights.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


@dataclass(frozen=True)
class AdoptResult:
    """A model taken out of a zip; `model_dir` and the weights as in TrainResult.

    labels: foreground values by name. channels: names of the network's inputs, in order. trainer: nnU-Net's class that
    trained it.
    """

    model_dir: str
    weights: dict[str, str]
    weights_sha256: str
    weights_bytes: int
    configuration: str
    labels: dict[str, int]
    channels: tuple[str, ...]
    trainer: str
    archive_sha256: str
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LabelMeasure:
    """What a draft says of one label: its mean doubt where the label is likely, 0 to 1, and its volume."""

    value: int
    doubt: float
    volume_ml: float


@dataclass(frozen=True)
class CaseMeasures:
    """What a case may be chosen by; defined in `ml.query.measures`, all from 0 (sure) to 1.

    entropy, margin: means over voxels, weighted by the probability of foreground.
    foreground: share of the volume's voxels that are drafted as anything but background.
    disagreement: mean mutual information between views of the case, weighted likewise; None where only one was taken.
    """

    entropy: float
    margin: float
    foreground: float
    disagreement: float | None = None
    labels: tuple[LabelMeasure, ...] = ()


@dataclass(frozen=True)
class CasePrediction:
    """One drafted mask.

    mask_file: NIfTI label map relative to the output folder, on the grid of the case's channels.
    seconds: network and resampling time.
    entropy: mean over voxels of the normalised entropy (0 sure … 1 clueless) of the class probabilities.
    slice_entropy: the same, per slice z.
    measures: what the case may be chosen by.
    doubt_map_file: coarse picture of the entropy, `ml.query.doubt_map.packed`, relative to the output folder.
    features: what the network's encoder made of the case, float32 as `ml.contracts.vectors` writes them.
    """

    case_id: str
    mask_file: str
    seconds: float
    entropy: float
    slice_entropy: tuple[float, ...] = ()
    measures: CaseMeasures | None = None
    doubt_map_file: str = ""
    features: str = ""


@dataclass(frozen=True)
class CaseFeatures:
    """A case that was looked at and not drafted."""

    case_id: str
    features: str


@dataclass(frozen=True)
class PredictResult:
    """All masks of one drafting run, and the features of the cases that were only looked at."""

    cases: tuple[CasePrediction, ...]
    seconds: float
    device: str
    versions: dict[str, str] = field(default_factory=dict)
    looked_at: tuple[CaseFeatures, ...] = ()
