"""What a DICOM Segmentation says of its segments, without words of a person. Pure; PS3.3 C.8.20.4."""

from __future__ import annotations

from pydicom.dataset import Dataset

from backend.imaging.dicom.deidentify import Cleaner
from backend.imaging.segments.concepts import concept_text, is_background
from backend.imaging.segments.label_maps import NAME_LENGTH, Described

ALGORITHMS = {"MANUAL", "SEMIAUTOMATIC", "AUTOMATIC"}


def described_segments(dataset: Dataset, cleaner: Cleaner) -> dict[int, Described]:
    """Segments by number; the background of a label map is none."""
    found = {}
    for item in dataset.get("SegmentSequence") or ():
        number = item.get("SegmentNumber")
        said = _described(item, cleaner)
        if number and not is_background(said.type):
            found[int(number)] = said
    return found


def _described(item: Dataset, cleaner: Cleaner) -> Described:
    algorithm = str(item.get("SegmentAlgorithmType", "")).upper()
    kind = _concept(item, "SegmentedPropertyTypeCodeSequence", cleaner)
    name = cleaner(str(item.get("SegmentLabel") or ""), limit=NAME_LENGTH)
    return Described(
        name=name or kind.rpartition("^")[2],
        category=_concept(item, "SegmentedPropertyCategoryCodeSequence", cleaner),
        type=kind,
        algorithm=algorithm if algorithm in ALGORITHMS else "",
    )


def _concept(item: Dataset, keyword: str, cleaner: Cleaner) -> str:
    return concept_text(item.get(keyword), lambda text: cleaner(text, limit=100))
