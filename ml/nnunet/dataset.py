"""The raw nnU-Net dataset that a training starts from, read and checked before any work is done.

Layout: nnU-Net v2, documentation/dataset_format.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.nnunet.errors import RunError
from ml.volumes import check_whole, read_geometry, read_nifti

_NAME = re.compile(r"Dataset\d{3}_.+")


@dataclass(frozen=True)
class RawCase:
    """Files of one case: an image per channel, and the label map."""

    images: tuple[Path, ...]
    label: Path


@dataclass(frozen=True)
class Fold:
    """One way to part the cases: ids to train on and ids to validate on."""

    index: int
    train: tuple[str, ...]
    validation: tuple[str, ...]


@dataclass(frozen=True)
class RawDataset:
    """Some folds of a raw dataset.

    description: the content of dataset.json. labels: value by name, with `background` and perhaps `ignore`.
    cases: every case of the folds by id.
    """

    name: str
    description: dict[str, Any]
    labels: dict[str, int]
    channels: tuple[str, ...]
    cases: dict[str, RawCase]
    folds: tuple[Fold, ...]

    @property
    def training_cases(self) -> frozenset[str]:
        """Ids that some fold trains on."""
        return frozenset(case_id for fold in self.folds for case_id in fold.train)

    @property
    def foreground(self) -> dict[int, str]:
        """Name by value of the labels that the network learns."""
        return {value: name for name, value in self.labels.items() if name not in {"background", "ignore"}}


def read_dataset(folder: Path, folds: Sequence[int]) -> RawDataset:
    """Read dataset.json and the folds' cases. Raises RunError naming what is missing and where."""
    if not _NAME.fullmatch(folder.name):
        raise RunError(f"The dataset folder must be called Dataset###_name, got {folder.name!r}.")
    description = _read_json(folder / "dataset.json", "labels", "channel_names", "file_ending")
    labels = _labels(description["labels"])
    channels = tuple(str(name) for name in description["channel_names"].values())
    parted = tuple(_fold(folder / "splits_final.json", index) for index in folds)
    cases = {
        case_id: _case(folder, case_id, len(channels), description["file_ending"])
        for case_id in dict.fromkeys(case_id for fold in parted for case_id in fold.train + fold.validation)
    }
    return RawDataset(folder.name, description, labels, channels, cases, parted)


def check_labels(dataset: RawDataset) -> None:
    """Raises RunError when a label map has another grid or an unknown value, or no training case holds a label."""
    known, drawn = set(dataset.labels.values()), set[int]()
    for case_id, case in dataset.cases.items():
        values = _values(case_id, case)
        if values - known:
            unknown = min(values - known)
            raise RunError(f"The label map of case {case_id} holds {unknown}, which dataset.json does not name.")
        if case_id in dataset.training_cases:
            drawn |= values
    if not drawn & set(dataset.foreground):
        raise RunError("The training cases hold no labelled voxel: approve at least one drawn case and train again.")


def _values(case_id: str, case: RawCase) -> set[int]:
    try:
        labels, grid = read_nifti(case.label)
        differs = [path.name for path in case.images if not read_geometry(path).same_grid(grid)]
        for path in case.images:
            check_whole(path)
    except ValueError as error:
        raise RunError(f"Case {case_id}: {error}; write the dataset again.") from error
    if differs:
        raise RunError(
            f"Case {case_id}: {differs[0]} and the label map lie on different grids; write the dataset again."
        )
    return {int(value) for value in np.unique(labels)}


def _read_json(path: Path, *keys: str) -> Any:
    if not path.is_file():
        raise RunError(f"{path} is missing: write the dataset again.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunError(f"{path} is not JSON ({error}): write the dataset again.") from error
    absent = [key for key in keys if key not in content]
    if absent:
        raise RunError(f"{path} lacks {absent[0]!r}: write the dataset again.")
    return content


def _labels(labels: dict[str, Any]) -> dict[str, int]:
    if any(type(value) is not int for value in labels.values()):
        raise RunError("dataset.json: every label needs one whole number; regions are not supported.")
    if labels.get("background") != 0 or sorted(labels.values()) != list(range(len(labels))):
        raise RunError("dataset.json: labels count from background 0 without gaps.")
    if labels.get("ignore", max(labels.values())) != max(labels.values()):
        raise RunError("dataset.json: the ignore label needs the highest value.")
    return labels


def _fold(path: Path, fold: int) -> Fold:
    splits = _read_json(path)
    if fold >= len(splits):
        raise RunError(f"Fold {fold} was asked for, but {path.name} has {len(splits)}, counted from 0.")
    train, validation = tuple(splits[fold]["train"]), tuple(splits[fold]["val"])
    if not train or not validation:
        which = "validation" if train else "training"
        raise RunError(f"Fold {fold} has no {which} case: approve more cases, at least two in all.")
    return Fold(fold, train, validation)


def _case(folder: Path, case_id: str, channels: int, ending: str) -> RawCase:
    images = tuple(folder / "imagesTr" / f"{case_id}_{n:04d}{ending}" for n in range(channels))
    label = folder / "labelsTr" / f"{case_id}{ending}"
    for n, path in enumerate(images):
        if not path.is_file():
            raise RunError(
                f"Case {case_id} has no channel {n} ({path.name}): it has fewer phases than the channels need."
            )
    if not label.is_file():
        raise RunError(f"Case {case_id} has no label map ({label.name}): write the dataset again.")
    return RawCase(images, label)
