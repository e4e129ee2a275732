"""Orders to a GPU run. A spec and its input folders are all that a run needs, so that it can be repeated by hand."""

from __future__ import annotations

from dataclasses import dataclass

from ml.contracts.presets import preset


@dataclass(frozen=True)
class TrainSpec:
    """Train one nnU-Net fold.

    dataset_dir: nnU-Net raw dataset `Dataset###_name` with imagesTr, labelsTr, dataset.json and splits_final.json.
    preset: a name in `ml.contracts.presets`.
    fold: index into splits_final.json.
    seed: of all random generators.
    device: `cpu`, `cuda` or `cuda:<n>`.
    warm_start_dir: model folder of an earlier run to start the weights from; None starts from scratch.
    """

    dataset_dir: str
    preset: str
    fold: int = 0
    seed: int = 0
    device: str = "cpu"
    warm_start_dir: str | None = None

    def __post_init__(self) -> None:
        preset(self.preset)


@dataclass(frozen=True)
class Case:
    """One volume to draft: its id and one NIfTI file per channel, in the order of the model's channels."""

    case_id: str
    channel_files: tuple[str, ...]


@dataclass(frozen=True)
class PredictSpec:
    """Draft masks for cases with one model.

    model_dir: model folder that a training wrote.
    model_sha256: hash of the weights that the registry knows; a run refuses any other file.
    """

    model_dir: str
    model_sha256: str
    cases: tuple[Case, ...]
    device: str = "cpu"
