"""Orders to a GPU run. A spec and its input folders are all that a run needs, so that it can be repeated by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ml.contracts.presets import Preset

_DEVICE = re.compile(r"cpu|cuda(:\d+)?")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class TrainSpec:
    """Train one model.

    dataset_dir: nnU-Net raw dataset `Dataset###_name` with imagesTr, labelsTr, dataset.json and splits_final.json.
    settings: what to train and for how long.
    seed: of all random generators.
    device: `cpu`, `cuda` or `cuda:<n>`.
    warm_start_dir: model folder of an earlier run to start the weights from; None starts from scratch.
    warm_start_sha256: hash of its weights that the registry knows; the run refuses any other file.
    """

    dataset_dir: str
    settings: Preset
    seed: int = 0
    device: str = "cpu"
    warm_start_dir: str | None = None
    warm_start_sha256: str | None = None

    def __post_init__(self) -> None:
        _check_device(self.device)
        if self.seed < 0:
            raise ValueError(f"seed counts from 0, got {self.seed}")


@dataclass(frozen=True)
class Case:
    """One volume to draft: its id and one NIfTI file per channel, in the order of the model's channels.

    The id names the mask's file: letters, digits, `.`, `_`, `-`, and no dot in front.
    """

    case_id: str
    channel_files: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _FILE_NAME.fullmatch(self.case_id):
            raise ValueError(f"case_id {self.case_id!r} cannot name a file: use letters, digits, '.', '_' and '-'")


@dataclass(frozen=True)
class PredictSpec:
    """Draft masks for cases with one model.

    model_dir: model folder that a training wrote.
    model_sha256: hash of the weights that the registry knows; a run refuses any other file.
    look_at: cases of which only the features are wanted, such as those that are labelled already.
    gammas: exponents of the preprocessed image's grey values, around 1; each gives one more view of a case, and how far
    the views disagree is measured. Masks come from the case as it is.
    """

    model_dir: str
    model_sha256: str
    cases: tuple[Case, ...]
    device: str = "cpu"
    look_at: tuple[Case, ...] = ()
    gammas: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check_device(self.device)
        if any(gamma <= 0 for gamma in self.gammas):
            raise ValueError(f"gammas need to be above 0, got {self.gammas}")
        ids = [case.case_id for case in (*self.cases, *self.look_at)]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"case_id {twice[0]!r} is given twice")


@dataclass(frozen=True)
class AdoptSpec:
    """Take a model that was trained elsewhere out of the zip that nnU-Net's `nnUNetv2_export_model_to_zip` writes.

    archive: the zip. archive_sha256: hash under which it was published or sent; None where nobody knows it.
    configuration: which one to take, where the zip holds more than one.
    channels: what its inputs are called here, in order; empty keeps their names.
    """

    archive: str
    archive_sha256: str | None = None
    configuration: str | None = None
    channels: tuple[str, ...] = ()


def _check_device(device: str) -> None:
    if not _DEVICE.fullmatch(device):
        raise ValueError(f"device needs to be cpu, cuda or cuda:<n>, got {device!r}")
