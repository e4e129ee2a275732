"""Small DICOM series for tests, written with pydicom and no code of the importer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (0.9, 0.3, np.sqrt(0.1), -0.31622776601683794, 0.9486832980505138, 0.0)

DYNAMIC = {
    "ScanningSequence": "GR",
    "SequenceVariant": ["SP", "OSP"],
    "ScanOptions": "FS",
    "RepetitionTime": "4.1",
    "EchoTime": "1.4",
    "FlipAngle": "12",
}

Edit = Callable[[Dataset, int], None]


@dataclass
class StudyWriter:
    """Writes series of one study; attributes of every file can be given, and each file edited."""

    folder: Path
    patient: dict[str, Any] = field(default_factory=lambda: {"PatientID": "ID-77", "PatientName": "Doe^Jane"})
    study_uid: str = field(default_factory=generate_uid)
    frame_uid: str = field(default_factory=generate_uid)
    series: int = 0

    def add(
        self,
        pixels: np.ndarray,
        *,
        orientation: tuple[float, ...] = AXIAL,
        origin: tuple[float, float, float] = (-20.0, -30.0, 5.0),
        spacing_yx: tuple[float, float] = (0.8, 0.7),
        step_mm: float = 2.0,
        edit: Edit | None = None,
        uid: str | None = None,
        **attributes: Any,
    ) -> list[Path]:
        """One series from pixels (Z, Y, X), slice n at n steps along the normal; files are named against the order."""
        self.series += 1
        uid = uid or generate_uid()
        normal = np.cross(orientation[:3], orientation[3:])
        folder = self.folder / f"series{self.series}"
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for n, picture in enumerate(pixels):
            header = _image(picture)
            header.StudyInstanceUID, header.SeriesInstanceUID = self.study_uid, uid
            header.FrameOfReferenceUID = self.frame_uid
            header.SeriesNumber, header.InstanceNumber = self.series, n + 1
            header.ImageOrientationPatient = [f"{v:.12g}"[:16] for v in orientation]
            header.ImagePositionPatient = [f"{v:.12g}"[:16] for v in np.asarray(origin) + n * step_mm * normal]
            header.PixelSpacing = list(spacing_yx)
            for name, value in {**DYNAMIC, **self.patient, **attributes}.items():
                setattr(header, name, value)
            if edit is not None:
                edit(header, n)
            path = folder / f"{len(pixels) - n:04d}"
            header.save_as(path, enforce_file_format=True)
            paths.append(path)
        return paths

    def add_dynamic(self, *, phases: int = 3, shape=(4, 8, 6), **attributes: Any) -> list[list[Path]]:
        """One series for each phase, two minutes apart, contrast named from the second on."""
        return [
            self.add(
                ramp(shape, start=100 * n),
                SeriesDescription=f"ax dyn {n}",
                AcquisitionDate="20240102",
                AcquisitionTime=f"10{2 * n:02d}30.500",
                **({"ContrastBolusAgent": "Gadobutrol"} if n else {}),
                **attributes,
            )
            for n in range(phases)
        ]


def ramp(shape: tuple[int, int, int], start: int = 0) -> np.ndarray:
    """Every voxel another value, so that a flip or a swap of slices shows."""
    return (start + np.arange(np.prod(shape)).reshape(shape)).astype(np.uint16)


def _image(picture: np.ndarray) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    header.SOPClassUID, header.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
    header.Modality = "MR"
    header.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    header.StudyDate = "20240102"
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns = picture.shape
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit = 15
    header.PixelRepresentation = int(picture.dtype.kind == "i")
    header.PixelData = picture.astype(picture.dtype.newbyteorder("<")).tobytes()
    return header
