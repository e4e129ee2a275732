"""Which kind of DICOM Segmentation a file is, and how its pixel values are to be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import SegmentationStorage

from backend.imaging.segments.refusal import MaskRefused

LABEL_MAP_STORAGE = "1.2.840.10008.5.1.4.1.1.66.7"
THRESHOLD = 0.5  # of the highest value that a fraction can have

SEND_SEG = "Send a DICOM Segmentation of this study."


@dataclass(frozen=True)
class Kind:
    """source, remarks: words for people. least: a pixel of this value or above belongs to the segment.

    padding: the value of a label map's pixels that say nothing, besides 0.
    """

    source: str
    is_label_map: bool = False
    least: float = 1
    padding: int = 0
    remarks: tuple[str, ...] = ()


def kind_of(dataset: Dataset) -> Kind:
    """Raises MaskRefused by name for what is no segmentation, and for one of a whole slide."""
    sop_class = str(dataset.get("SOPClassUID", ""))
    if sop_class not in {SegmentationStorage, LABEL_MAP_STORAGE}:
        raise MaskRefused("is no DICOM Segmentation", SEND_SEG)
    if _is_tiled(dataset):
        raise MaskRefused("is a segmentation of a whole slide (microscopy, in tiles), not of a volume", SEND_SEG)
    stated = str(dataset.get("SegmentationType", "")).upper()
    if sop_class == LABEL_MAP_STORAGE or stated == "LABELMAP":
        return Kind("DICOM SEG, label map", is_label_map=True, padding=int(dataset.get("PixelPaddingValue") or 0))
    if stated == "FRACTIONAL":
        return _fractional(dataset)
    if stated == "BINARY":
        return Kind("DICOM SEG, binary")
    raise MaskRefused("is a segmentation that is neither binary, fractional nor a label map", SEND_SEG)


def _is_tiled(dataset: Dataset) -> bool:
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [Dataset()])[0]
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or [Dataset()]
    return (
        str(dataset.get("DimensionOrganizationType", "")).startswith("TILED")
        or "TotalPixelMatrixRows" in dataset
        or any("PlanePositionSlideSequence" in groups for groups in (shared, frames[0]))
    )


def _fractional(dataset: Dataset) -> Kind:
    highest = int(dataset.get("MaximumFractionalValue") or 255)
    least = THRESHOLD * highest
    stated = str(dataset.get("SegmentationFractionalType", "")).upper()
    meaning = {"PROBABILITY": "probability", "OCCUPANCY": "share of the voxel"}.get(stated, "kind not said")
    remark = (
        f"The file holds fractions ({meaning}): voxels with at least {THRESHOLD:g} of the highest value ({highest}) "
        "belong to the segment, the others do not."
    )
    return Kind(f"DICOM SEG, fractional ({meaning})", least=least, remarks=(remark,))
