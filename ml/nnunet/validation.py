"""Masks of the cases that each fold did not train on: what a configuration and postprocessing are chosen by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ml.contracts import Case
from ml.contracts.presets import Configuration
from ml.labelmaps import LabelArray
from ml.metrics.masks import dice_by_label
from ml.nnunet.dataset import Fold, RawDataset
from ml.nnunet.files import aside
from ml.nnunet.model import StoredModel
from ml.nnunet.predict import WarmPredictor
from ml.nnunet.units import Workshop
from ml.volumes import read_nifti, write_nifti


@dataclass(frozen=True)
class Validated:
    """A validation case: mask and reference (Z, Y, X), spacing (z, y, x) in mm."""

    prediction: LabelArray
    reference: LabelArray
    spacing_zyx_mm: tuple[float, float, float]


def predict_fold(shop: Workshop, fold: Fold, model: StoredModel) -> None:
    """Write masks of the fold's validation cases that an earlier attempt has not. Raises Stopped between patches."""
    missing = [case_id for case_id in fold.validation if not _mask(shop.work, model.configuration, case_id).is_file()]
    if not missing:
        return
    predictor = WarmPredictor(model, shop.device, shop.stop)
    for case_id in missing:
        images = shop.dataset.cases[case_id].images
        prepared = predictor.prepare(Case(case_id, tuple(str(path) for path in images)))
        _, grid = read_nifti(shop.dataset.cases[case_id].label)
        with aside(_mask(shop.work, model.configuration, case_id)) as part:
            write_nifti(part, predictor.predict(prepared).mask, grid)


def validated(dataset: RawDataset, work: Path, configuration: str) -> Iterator[Validated]:
    """All validation cases of a configuration, one after the other, so that one is in memory at a time."""
    for case_id in dict.fromkeys(case_id for fold in dataset.folds for case_id in fold.validation):
        prediction, grid = read_nifti(_mask(work, configuration, case_id))
        reference, _ = read_nifti(dataset.cases[case_id].label)
        yield Validated(prediction.astype(np.uint8), reference.astype(np.uint8), grid.spacing_zyx_mm)


def mean_dice(dataset: RawDataset, work: Path, configuration: Configuration) -> dict[str, float]:
    """Mean Dice by label name over the validation cases that hold the label in mask or reference."""
    scores: dict[str, list[float]] = {name: [] for name in dataset.foreground.values()}
    for case in validated(dataset, work, configuration):
        dice = dice_by_label(case.reference, case.prediction, dataset.foreground, dataset.labels.get("ignore"))
        for value, name in dataset.foreground.items():
            score = dice[value]
            if score is not None:
                scores[name].append(score)
    return {name: round(float(np.mean(values)), 4) for name, values in scores.items() if values}


def _mask(work: Path, configuration: str, case_id: str) -> Path:
    return work / "validation" / configuration / f"{case_id}.nii.gz"
