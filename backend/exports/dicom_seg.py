"""A mask as a DICOM Segmentation (PS3.3 A.51, A.101), written by highdicom. Pure, given the slices' headers."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from backend.annotation.structures import structure_of
from backend.core.errors import Conflict
from backend.exports.authorship import Authorship
from backend.exports.sources import Source
from ml.labelmaps import LabelArray

logging.getLogger("highdicom").setLevel(logging.WARNING)  # it tells every module that it copies

Kind = Literal["binary", "labelmap"]
MAKER = "Ninefold"
SCHEME = "99NINEFOLD"  # of labels that no dictionary lists (PS3.16 8.2: private schemes begin with 99)
TISSUE = Code("85756007", "SCT", "Tissue")


@dataclass(frozen=True)
class Described:
    """A label as it leaves: value in the label map, name, and how it came about."""

    value: int
    name: str
    authorship: Authorship


@dataclass(frozen=True)
class About:
    """What is said of the file. description: up to 64 characters. at: when the mask was saved; version: of Ninefold."""

    series_uid: str
    instance_uid: str
    dimension_uid: str
    description: str
    at: dt.datetime
    version: str


def write_seg(
    labels: LabelArray, described: Sequence[Described], sources: Sequence[Source], about: About, kind: Kind
) -> bytes:
    """The file of labels (Z, Y, X), which has a segment for each label in it.

    binary: one bit map for each segment, numbered from 1. labelmap: segments are numbered as the labels are.
    Raises Conflict for a mask without a voxel, which DICOM has no form for.
    """
    present = [label for label in described if (labels == label.value).any()]
    if not present:
        raise Conflict("Nothing is drawn in this mask, and DICOM has no empty segmentation: download it as NIfTI.")
    is_map = kind == "labelmap"
    numbers = {label.value: label.value if is_map else n for n, label in enumerate(present, start=1)}
    segmentation = hd.seg.Segmentation(
        source_images=[source.header for source in sources],
        pixel_array=_renumbered(labels, numbers),
        segmentation_type=hd.seg.SegmentationTypeValues.LABELMAP if is_map else hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_segment(label, numbers[label.value], about) for label in present],
        series_instance_uid=about.series_uid,
        series_number=900,
        sop_instance_uid=about.instance_uid,
        instance_number=1,
        manufacturer=MAKER,
        manufacturer_model_name=MAKER,
        software_versions=about.version,
        device_serial_number="-",
        content_label="NINEFOLD_MASK",
        content_description=about.description,
        transfer_syntax_uid=RLELossless if is_map else ExplicitVRLittleEndian,
        series_description=about.description,
    )
    _mend_references(segmentation, sources)
    _settle(segmentation, about)
    stream = io.BytesIO()
    segmentation.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _renumbered(labels: LabelArray, numbers: dict[int, int]) -> LabelArray:
    table = np.zeros(256, dtype=np.uint8)
    table[list(numbers)] = list(numbers.values())
    renumbered: LabelArray = table[labels]
    return renumbered


def _segment(label: Described, number: int, about: About) -> hd.seg.SegmentDescription:
    structure = structure_of(label.name)
    own = Code(re.sub(r"[^A-Z0-9]+", "-", label.name.upper())[:16] or "LABEL", SCHEME, label.name[:64])
    algorithm = None
    if label.authorship.type != "MANUAL":
        algorithm = hd.AlgorithmIdentificationSequence(
            name=label.authorship.program[:64], family=codes.cid7162.ArtificialIntelligence, version=about.version
        )
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label.name[:64],
        segmented_property_category=structure.categories[0] if structure else TISSUE,
        segmented_property_type=structure.concepts[0] if structure else own,
        algorithm_type=label.authorship.type,
        algorithm_identification=algorithm,
    )


def _mend_references(segmentation: Dataset, sources: Sequence[Source]) -> None:
    """Name the instance and frame that a slice really is, where it is a frame of a larger file."""
    frames = {source.header.SOPInstanceUID: source for source in sources if source.frame is not None}
    if not frames:
        return
    for groups in segmentation.PerFrameFunctionalGroupsSequence:
        for derivation in groups.get("DerivationImageSequence", ()):
            for item in derivation.SourceImageSequence:
                source = frames.get(item.ReferencedSOPInstanceUID)
                if source is not None:  # else mended already: segments of one slice share the item
                    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.sop_class, source.instance
                    item.ReferencedFrameNumber = source.frame
    for series in segmentation.ReferencedSeriesSequence:
        once = {frames[item.ReferencedSOPInstanceUID].instance: item for item in series.ReferencedInstanceSequence}
        for uid, item in once.items():
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sources[0].sop_class, uid
        series.ReferencedInstanceSequence = list(once.values())


def _settle(segmentation: Dataset, about: About) -> None:
    """The mask's own time and stand-ins in place of now and random ones, so that the same mask gives the same file."""
    date, time = about.at.strftime("%Y%m%d"), about.at.strftime("%H%M%S")
    for keyword in ("ContentDate", "SeriesDate", "InstanceCreationDate"):
        setattr(segmentation, keyword, date)
    for keyword in ("ContentTime", "SeriesTime", "InstanceCreationTime"):
        setattr(segmentation, keyword, time)
    for item in segmentation.get("ContributingEquipmentSequence", ()):
        item.ContributionDateTime = date + time
    for item in (*segmentation.DimensionOrganizationSequence, *segmentation.DimensionIndexSequence):
        item.DimensionOrganizationUID = about.dimension_uid
