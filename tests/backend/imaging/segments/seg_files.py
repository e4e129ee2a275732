"""DICOM SEG files for tests, written by highdicom over sources that pydicom made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.coding import Code
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from ml.geometry import Geometry

TISSUE = Code("85756007", "SCT", "Tissue")
LIVER = Code("10200004", "SCT", "Liver")


def sources_of(grid: Geometry, frame_uid: str | None = None) -> list[Dataset]:
    """Headers of MR slices that lie on a grid."""
    study, series, frame_uid = generate_uid(), generate_uid(), frame_uid or generate_uid()
    return [_source(grid, z, study, series, frame_uid) for z in range(grid.shape_zyx[0])]


def _source(grid: Geometry, z: int, study: str, series: str, frame_uid: str) -> Dataset:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    source = Dataset()
    source.file_meta = meta
    source.SOPClassUID, source.SOPInstanceUID = MRImageStorage, generate_uid()
    source.StudyInstanceUID, source.SeriesInstanceUID, source.FrameOfReferenceUID = study, series, frame_uid
    source.Modality = "MR"
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"):
        setattr(source, keyword, "")
    source.PatientID, source.PatientName, source.ReferringPhysicianName = "ID-77", "Doe^Jane", ""
    source.SeriesNumber, source.InstanceNumber = 1, z + 1
    source.Rows, source.Columns = grid.shape_zyx[1:]
    source.ImagePositionPatient = [_decimal(v) for v in grid.position_lps((z, 0, 0))]
    direction = grid.direction_zyx
    source.ImageOrientationPatient = [_decimal(v) for v in (*direction[:, 2], *direction[:, 1])]
    source.PixelSpacing = list(grid.spacing_zyx_mm[1:])
    source.SliceThickness = source.SpacingBetweenSlices = grid.spacing_zyx_mm[0]
    return source


def _decimal(value: float) -> str:
    return f"{value:.10f}"[:16]


def described(number: int, name: str = "", **options: Any) -> hd.seg.SegmentDescription:
    options = {"category": TISSUE, "type": LIVER, "algorithm_type": "MANUAL"} | options
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=name or f"structure {number}",
        segmented_property_category=options["category"],
        segmented_property_type=options["type"],
        algorithm_type=options["algorithm_type"],
    )


def write_seg(path: Path, sources: list[Dataset], pixels: np.ndarray, **options: Any) -> Path:
    """A SEG of pixels (Z, Y, X) of labels, or (Z, Y, X, segments), over all sources."""
    kind = options.pop("kind", "BINARY")
    descriptions = options.pop("descriptions", None)
    edit = options.pop("edit", None)
    if descriptions is None:
        count = pixels.shape[-1] if pixels.ndim == 4 else int(pixels.max())
        descriptions = [described(n + 1) for n in range(count)]
    seg = hd.seg.Segmentation(
        source_images=sources,
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=descriptions,
        series_instance_uid=generate_uid(),
        series_number=300,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="test",
        manufacturer_model_name="test",
        software_versions="1",
        device_serial_number="1",
        **options,
    )
    if edit is not None:
        edit(seg)
    seg.save_as(path)
    return path
