"""The images that a volume came as, as far as a segmentation has to name them: stand-ins, places, no pixels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage
from pydicom.valuerep import format_number_as_ds

from backend.core.errors import Conflict
from backend.imaging.models import Phase, Volume

# Attributes of patient and study that every composite object carries (PS3.3 C.7.1.1, C.7.2.1); empty where unknown.
EMPTY = (
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
# What differs between slices, and what only a multi-frame file has: each slice stands here as an image of its own.
# pydicom would write a slice's value into the element that all slices share.
OF_ONE_IMAGE = (
    "SOPInstanceUID",
    "InstanceNumber",
    "Rows",
    "Columns",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "SpacingBetweenSlices",
    "NumberOfFrames",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "DimensionIndexSequence",
    "DimensionOrganizationSequence",
)


@dataclass(frozen=True)
class Source:
    """One slice: a header for the segmentation to be made from, and the instance that it really is.

    frame: from 1, in an instance that holds several slices; None in one that is this slice. The header of a frame
    stands as a classic image of its own, which has to be mended in what is made from it.
    """

    header: Dataset
    instance: str
    sop_class: str
    frame: int | None


def sources_of(volume: Volume) -> list[Source]:
    """The slices of the first phase. Raises Conflict for a volume that did not come as DICOM."""
    phase = volume.phases.select_related("series__study__patient").order_by("index").first()
    if phase is None or len(phase.instances) != volume.size_z:
        raise Conflict(
            "This volume did not come as DICOM, so there are no images that a DICOM SEG could refer to: "
            "download the mask as NIfTI."
        )
    base = _base(phase)
    sop_class = str(base.SOPClassUID)
    if "Enhanced" not in UID(sop_class).name and len({uid for uid, _ in phase.instances}) == len(phase.instances):
        return [
            Source(_header(base, volume, z, uid), uid, sop_class, None) for z, (uid, _) in enumerate(phase.instances)
        ]
    base.SOPClassUID = MRImageStorage  # highdicom takes one file, whole, of a multi-frame class
    return [
        Source(_header(base, volume, z, f"{uid}.{frame}"), uid, sop_class, frame)
        for z, (uid, frame) in enumerate(phase.instances)
    ]


def _base(phase: Phase) -> Dataset:
    """What the slices share."""
    series, study = phase.series, phase.series.study
    base = Dataset.from_json(series.header) if series.header else Dataset()
    for keyword in OF_ONE_IMAGE:
        if keyword in base:
            del base[keyword]
    for keyword in EMPTY:
        base.setdefault(keyword, "")
    base.file_meta = FileMetaDataset()
    base.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    base.setdefault("SOPClassUID", MRImageStorage)
    base.Modality = series.modality
    base.PatientID = study.patient.pseudonym
    base.PatientName = f"{study.patient.pseudonym}^"  # a family name alone (PS3.5 6.2.1)
    base.StudyInstanceUID, base.SeriesInstanceUID = study.uid, series.uid
    base.FrameOfReferenceUID = str(series.attributes.get("FrameOfReferenceUID") or series.uid)
    base.SeriesNumber = series.number
    return base


def _header(base: Dataset, volume: Volume, z: int, uid: str) -> Dataset:
    geometry = volume.geometry
    direction = geometry.direction_zyx
    header = Dataset()
    header.update(base)
    header.file_meta = base.file_meta
    header.SOPInstanceUID = uid
    header.InstanceNumber = z + 1
    header.Rows, header.Columns = geometry.shape_zyx[1:]
    header.ImagePositionPatient = _decimals(geometry.position_lps((float(z), 0.0, 0.0)))
    header.ImageOrientationPatient = _decimals((*direction[:, 2], *direction[:, 1]))
    header.PixelSpacing = _decimals(geometry.spacing_zyx_mm[1:])
    header.SliceThickness = header.SpacingBetweenSlices = _decimals(geometry.spacing_zyx_mm[:1])[0]
    return header


def _decimals(values: Iterable[float]) -> list[str]:
    return [format_number_as_ds(float(value)) for value in values]
