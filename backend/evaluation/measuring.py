"""Every measure of one case, label by label. Pure; definitions and sources stand in `ml.metrics`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ml.geometry import Geometry
from ml.labelmaps import LabelArray
from ml.metrics.lesions import DETECTION, Detection, detect
from ml.metrics.masks import DICE, IOU, Overlap, overlap_by_label
from ml.metrics.surfaces import ASSD, HD95, NSD, Surfaces, surfaces_by_label

NSD_TOLERANCE_MM = 2.0
LEAST_LESION_MM3 = 10.0  # about a voxel or two of a breast MR: smaller bodies are specks, not lesions
METRIC_VERSION = "; ".join(f"{d.name} {d.version}" for d in (DICE, IOU, NSD, HD95, ASSD, DETECTION))


@dataclass(frozen=True)
class Measures:
    """Scores of one label in one case; None where the definition gives no number.

    reference_ml, predicted_ml: volumes. detection: whole bodies found, missed and made up.
    """

    dice: float | None
    iou: float | None
    ppv: float | None
    sensitivity: float | None
    nsd: float | None
    hd95_mm: float | None
    assd_mm: float | None
    reference_ml: float
    predicted_ml: float
    detection: Detection


def measure(
    reference: LabelArray, prediction: LabelArray, values: Sequence[int], geometry: Geometry
) -> dict[int, Measures]:
    """Measures of two label maps (Z, Y, X) of uint8, by label value. Raises ValueError when the shapes differ."""
    spacing = geometry.spacing_zyx_mm
    overlaps = overlap_by_label(reference, prediction, values)
    distances = surfaces_by_label(reference, prediction, tuple(values), spacing)
    return {
        value: _measures(
            overlaps[value],
            distances[value],
            detect(reference == value, prediction == value, spacing, min_volume_mm3=LEAST_LESION_MM3),
            geometry.voxel_volume_mm3,
        )
        for value in values
    }


def _measures(overlap: Overlap, distance: Surfaces, detection: Detection, voxel_mm3: float) -> Measures:
    hit, extra, missed = overlap.true_positive, overlap.false_positive, overlap.false_negative
    return Measures(
        dice=overlap.dice,
        iou=overlap.iou,
        ppv=_share(hit, hit + extra),
        sensitivity=_share(hit, hit + missed),
        nsd=distance.nsd(NSD_TOLERANCE_MM),
        hd95_mm=distance.hd95_mm,
        assd_mm=distance.assd_mm,
        reference_ml=(hit + missed) * voxel_mm3 / 1000,
        predicted_ml=(hit + extra) * voxel_mm3 / 1000,
        detection=detection,
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
