"""Enhanced MR files for tests, written with pydicom and no code of the importer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, generate_uid

from tests.backend.imaging.dicom_files import AXIAL

Edit = Callable[[Dataset, int, int], None]


def write_enhanced(
    path: Path,
    phases: np.ndarray,
    *,
    orientation: Sequence[float] = AXIAL,
    origin: Sequence[float] = (-20.0, -30.0, 5.0),
    spacing_yx: Sequence[float] = (0.8, 0.7),
    step_mm: float = 2.0,
    by_time: bool = False,
    edit_frame: Edit | None = None,
    edit: Callable[[FileDataset], None] | None = None,
    **attributes: Any,
) -> Path:
    """One file from phases (T, Z, Y, X): frames of one place follow each other, or those of one time point.

    `edit_frame` gets the functional groups of a frame, its time point and its slice.
    """
    normal = np.cross(orientation[:3], orientation[3:])
    file = _file(phases)
    shared = Dataset()
    shared.PixelMeasuresSequence = [
        _item(PixelSpacing=list(spacing_yx), SliceThickness=step_mm, SpacingBetweenSlices=step_mm)
    ]
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=[_ds(v) for v in orientation])]
    shared.MRTimingAndRelatedParametersSequence = [_item(RepetitionTime=4.1, FlipAngle=12.0)]
    shared.MREchoSequence = [_item(EffectiveEchoTime=1.4)]
    file.SharedFunctionalGroupsSequence = [shared]
    frames, pictures = [], []
    times, slices = range(phases.shape[0]), range(phases.shape[1])
    order = [(t, z) for t in times for z in slices] if by_time else [(t, z) for z in slices for t in times]
    for t, z in order:
        frame = Dataset()
        frame.PlanePositionSequence = [
            _item(ImagePositionPatient=[_ds(v) for v in np.asarray(origin) + z * step_mm * normal])
        ]
        content = _item(StackID="1", InStackPositionNumber=z + 1, TemporalPositionIndex=t + 1)
        content.DimensionIndexValues = [1, z + 1, t + 1]
        content.FrameAcquisitionDateTime = f"2024010210{2 * t:02d}30.500"
        frame.FrameContentSequence = [content]
        frame.MRImageFrameTypeSequence = [_item(FrameType=["ORIGINAL", "PRIMARY", "T1", "NONE"])]
        frame.FrameAnatomySequence = [_item(FrameLaterality="B")]
        if edit_frame is not None:
            edit_frame(frame, t, z)
        frames.append(frame)
        pictures.append(phases[t, z])
    file.PerFrameFunctionalGroupsSequence = frames
    content_sequence = tag_for_keyword("FrameContentSequence")
    file.DimensionIndexSequence = [
        _item(DimensionIndexPointer=tag_for_keyword(name), FunctionalGroupPointer=content_sequence)
        for name in ("StackID", "InStackPositionNumber", "TemporalPositionIndex")
    ]
    file.PixelData = np.stack(pictures).astype(phases.dtype.newbyteorder("<")).tobytes()
    for name, value in attributes.items():
        setattr(file, name, value)
    if edit is not None:
        edit(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save_as(path, enforce_file_format=True)
    return path


def _item(**attributes: Any) -> Dataset:
    item = Dataset()
    for name, value in attributes.items():
        setattr(item, name, value)
    return item


def _ds(value: float) -> str:
    return f"{value:.12g}"[:16]


def _file(phases: np.ndarray) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID, file.SOPInstanceUID = EnhancedMRImageStorage, meta.MediaStorageSOPInstanceUID
    file.StudyInstanceUID, file.SeriesInstanceUID, file.FrameOfReferenceUID = (generate_uid() for _ in range(3))
    file.PatientID, file.PatientName, file.StudyDate, file.Modality = "ID-77", "Doe^Jane", "20240102", "MR"
    file.SeriesNumber, file.InstanceNumber = 3, 1
    file.ImageType = ["ORIGINAL", "PRIMARY", "T1", "NONE"]
    file.EchoPulseSequence, file.EchoPlanarPulseSequence = "GRADIENT", "NO"
    file.AcquisitionDateTime = "20240102100000"
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.NumberOfFrames = phases.shape[0] * phases.shape[1]
    file.Rows, file.Columns = phases.shape[2:]
    file.BitsAllocated = file.BitsStored = 8 * phases.dtype.itemsize
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(phases.dtype.kind == "i")
    return file
