"""Overlap of two label maps, label by label. numpy alone: the platform imports it without torch.

Definitions, per label, on voxels whose reference is not the ignore value:
TP in both, FP in the prediction alone, FN in the reference alone;
Dice = 2 TP / (2 TP + FP + FN), IoU = TP / (TP + FP + FN).
A label that neither map holds has no score: None, and means leave it out. A label that only one map holds scores 0.
Source: A. A. Taha, A. Hanbury, Metrics for evaluating 3D medical image segmentation, BMC Medical Imaging 15:29, 2015.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.labelmaps import LabelArray


@dataclass(frozen=True)
class Definition:
    """Name and version of a metric, to be stored beside every score; the version rises when scores would change."""

    name: str
    version: int


DICE = Definition("dice", 1)
IOU = Definition("iou", 1)

_VALUES = 256


@dataclass(frozen=True)
class Overlap:
    """Voxels of one label: in both maps, in the prediction alone, in the reference alone."""

    true_positive: int
    false_positive: int
    false_negative: int

    def __add__(self, other: Overlap) -> Overlap:
        """Overlap of two cases taken as one."""
        return Overlap(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
        )

    @property
    def dice(self) -> float | None:
        """0 to 1; None when neither map holds the label."""
        voxels = 2 * self.true_positive + self.false_positive + self.false_negative
        return 2 * self.true_positive / voxels if voxels else None

    @property
    def iou(self) -> float | None:
        """0 to 1; None when neither map holds the label."""
        voxels = self.true_positive + self.false_positive + self.false_negative
        return self.true_positive / voxels if voxels else None

    def volumes_ml(self, voxel_volume_mm3: float) -> tuple[float, float, float]:
        """Volumes in ml of the true positive, false positive and false negative voxels."""
        true_positive, false_positive, false_negative = (
            voxels * voxel_volume_mm3 / 1000.0
            for voxels in (self.true_positive, self.false_positive, self.false_negative)
        )
        return true_positive, false_positive, false_negative


def overlap_by_label(
    reference: LabelArray, prediction: LabelArray, values: Iterable[int], ignore: int | None = None
) -> dict[int, Overlap]:
    """Overlap of two label maps of one shape, for each label value.

    ignore: value of the reference whose voxels are not counted, whatever the prediction says there.
    Raises ValueError when the shapes differ or a map is not uint8.
    """
    counts = confusion(reference, prediction)
    if ignore is not None:
        counts[ignore] = 0
    in_reference, in_prediction = counts.sum(axis=1), counts.sum(axis=0)
    return {
        value: Overlap(
            true_positive=int(counts[value, value]),
            false_positive=int(in_prediction[value] - counts[value, value]),
            false_negative=int(in_reference[value] - counts[value, value]),
        )
        for value in values
    }


def dice_by_label(
    reference: LabelArray, prediction: LabelArray, values: Iterable[int], ignore: int | None = None
) -> dict[int, float | None]:
    """Dice of two label maps of one shape, for each label value; None where neither map holds the label."""
    overlaps = overlap_by_label(reference, prediction, values, ignore)
    return {value: overlap.dice for value, overlap in overlaps.items()}


def pooled(cases: Iterable[Mapping[int, Overlap]]) -> dict[int, Overlap]:
    """Overlap by label of many cases taken as one.

    Beside the mean over cases, which a single stray voxel in a case without the label pulls down by a whole case.
    """
    total = dict[int, Overlap]()
    for case in cases:
        for value, overlap in case.items():
            total[value] = total.get(value, Overlap(0, 0, 0)) + overlap
    return total


def mean_score(scores: Mapping[int, float | None]) -> float | None:
    """Mean of the scores that exist; None when there is none."""
    found = [score for score in scores.values() if score is not None]
    return sum(found) / len(found) if found else None


def confusion(reference: LabelArray, prediction: LabelArray) -> NDArray[np.int64]:
    """Voxels (256, 256) by reference and predicted value. Raises ValueError for other types or unequal shapes."""
    if reference.shape != prediction.shape:
        raise ValueError(f"label maps need one shape, got {reference.shape} and {prediction.shape}")
    if reference.dtype != np.uint8 or prediction.dtype != np.uint8:
        raise ValueError(f"label maps need uint8, got {reference.dtype} and {prediction.dtype}")
    counts = np.zeros(_VALUES * _VALUES, dtype=np.int64)
    rows = reference.reshape(-1, max(1, reference.shape[-1]))
    block = max(1, 2**20 // rows.shape[1])  # bincount widens to 8 bytes a voxel: a block at a time
    for start in range(0, rows.shape[0], block):
        part = slice(start, start + block)
        pairs = rows[part].astype(np.uint16) * np.uint16(_VALUES) + prediction.reshape(rows.shape)[part]
        counts += np.bincount(pairs.reshape(-1), minlength=counts.size)
    return counts.reshape(_VALUES, _VALUES)
