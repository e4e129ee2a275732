"""A phantom as classic MR Image Storage: one series per phase, one file per slice (DICOM PS3.3 A.4).

The patient lies prone, feet first (HFP and FFP do not change the patient axes, PS3.3 C.7.6.2.1.1): rows run to the
left, columns to the back, slices towards the head. Attributes follow what a 3 T scanner writes for such a protocol.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MRImageStorage

from ml.phantom.phantom import Phantom
from ml.phantom.tissue import ECHO_TIME_MS, FLIP_ANGLE_DEG, REPETITION_TIME_MS

_PASSES = ("1st", "2nd", "3rd")


def write_dicom(phantom: Phantom, folder: Path) -> list[Path]:
    """Write one folder per series under `folder` and return the files, phase by phase, from feet to head.

    Every file appears complete or not at all. Names and UIDs depend on the seed and the size alone.
    """
    paths: list[Path] = []
    for phase in range(len(phantom.phases)):
        series = folder / f"{_series_number(phase):03d}_{series_description(phase).replace(' ', '_')}"
        series.mkdir(parents=True, exist_ok=True)
        for index in range(phantom.geometry.shape_zyx[0]):
            path = series / f"{index + 1:04d}.dcm"
            aside = path.with_suffix(".part")
            _slice(phantom, phase, index).save_as(aside, enforce_file_format=True)
            aside.replace(path)
            paths.append(path)
    return paths


def series_description(phase: int) -> str:
    """What the console calls a phase: `ax dyn pre`, `ax dyn 1st pass` and so on."""
    if phase == 0:
        return "ax dyn pre"
    return f"ax dyn {_PASSES[phase - 1] if phase <= len(_PASSES) else f'{phase}th'} pass"


def _series_number(phase: int) -> int:
    return phase + 2


def _uid(phantom: Phantom, *parts: object) -> UID:
    """UID under 2.25 from a hash (PS3.5 B.2), the same for the same patient, size and parts."""
    key = "/".join(str(part) for part in ("ninefold phantom", phantom.seed, phantom.size.value, *parts))
    return UID(f"2.25.{int.from_bytes(hashlib.sha256(key.encode()).digest()[:16], 'big')}")


def _slice(phantom: Phantom, phase: int, index: int) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = MRImageStorage
    meta.MediaStorageSOPInstanceUID = _uid(phantom, "instance", len(phantom.phases), phase, index)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    header.SpecificCharacterSet = "ISO_IR 100"
    header.SOPClassUID = meta.MediaStorageSOPClassUID
    header.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _patient(header, phantom)
    _study(header, phantom, phase, index)
    _equipment(header)
    _sequence(header, phantom, phase)
    _plane(header, phantom, index)
    _pixels(header, phantom, phase, index)
    return header


def _patient(header: Dataset, phantom: Phantom) -> None:
    who = phantom.identity
    header.PatientName = who.name
    header.PatientID = who.patient_id
    header.PatientBirthDate = who.birth_date.strftime("%Y%m%d")
    header.PatientSex = who.sex
    header.PatientAge = f"{who.age_years:03d}Y"
    header.PatientWeight = f"{who.weight_kg:.1f}"
    header.PatientComments = "Synthetic phantom, not a real person"


def _study(header: Dataset, phantom: Phantom, phase: int, index: int) -> None:
    begin = phantom.identity.study_at
    acquired = begin + dt.timedelta(seconds=300.0 + phantom.phase_times_s[phase])
    rebuilt = acquired + dt.timedelta(seconds=phantom.phase_duration_s + 4.0)
    content = rebuilt + dt.timedelta(milliseconds=40 * index)
    header.StudyInstanceUID = _uid(phantom, "study", len(phantom.phases))
    header.SeriesInstanceUID = _uid(phantom, "series", len(phantom.phases), phase)
    header.FrameOfReferenceUID = _uid(phantom, "frame of reference", len(phantom.phases))
    header.PositionReferenceIndicator = ""
    header.StudyID = f"{phantom.seed:06d}"
    header.AccessionNumber = ""
    header.ReferringPhysicianName = ""
    for prefix, moment in (("Study", begin), ("Series", rebuilt), ("Acquisition", acquired), ("Content", content)):
        setattr(header, f"{prefix}Date", moment.strftime("%Y%m%d"))
        setattr(header, f"{prefix}Time", moment.strftime("%H%M%S.%f"))
    header.Modality = "MR"
    header.StudyDescription = "MRI BREAST BILATERAL W/WO"
    header.SeriesDescription = series_description(phase)
    header.ProtocolName = series_description(phase)
    header.SeriesNumber = _series_number(phase)
    header.AcquisitionNumber = 1
    header.InstanceNumber = phantom.geometry.shape_zyx[0] - index


def _equipment(header: Dataset) -> None:
    header.Manufacturer = "Ninefold"
    header.ManufacturerModelName = "Digital phantom"
    header.SoftwareVersions = "1"
    header.InstitutionName = "Phantom Hospital"


def _sequence(header: Dataset, phantom: Phantom, phase: int) -> None:
    header.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    header.BodyPartExamined = "BREAST"
    header.PatientPosition = "FFP"
    header.ScanningSequence = "GR"
    header.SequenceVariant = ["SP", "OSP"]
    header.ScanOptions = ["PFP", "FS"]
    header.MRAcquisitionType = "3D"
    header.AngioFlag = "N"
    header.RepetitionTime = f"{REPETITION_TIME_MS:.2f}"
    header.EchoTime = f"{ECHO_TIME_MS:.2f}"
    header.FlipAngle = f"{FLIP_ANGLE_DEG:.0f}"
    header.EchoTrainLength = 1
    header.EchoNumbers = 1
    header.NumberOfAverages = 1
    header.MagneticFieldStrength = 3
    header.ImagingFrequency = "123.2"
    header.ImagedNucleus = "1H"
    header.InPlanePhaseEncodingDirection = "ROW"
    header.AcquisitionMatrix = [0, phantom.geometry.shape_zyx[1], phantom.geometry.shape_zyx[2], 0]
    header.PercentSampling = 100
    header.PercentPhaseFieldOfView = 100
    header.PixelBandwidth = 320
    header.TransmitCoilName = "Body"
    if phase > 0:
        header.ContrastBolusAgent = "Gadobutrol"
        header.ContrastBolusRoute = "IV"
        header.ContrastBolusVolume = f"{0.1 * phantom.identity.weight_kg:.1f}"


def _plane(header: Dataset, phantom: Phantom, index: int) -> None:
    geometry = phantom.geometry
    z_mm, y_mm, x_mm = geometry.spacing_zyx_mm
    position = geometry.position_lps((float(index), 0.0, 0.0))
    directions = geometry.direction_zyx
    along = [*directions[:, 2], *directions[:, 1]]
    normal = np.cross(directions[:, 2], directions[:, 1])
    header.ImagePositionPatient = [_decimal(value) for value in position]
    header.ImageOrientationPatient = [_decimal(value) for value in along]
    header.PixelSpacing = [_decimal(y_mm), _decimal(x_mm)]
    header.SliceThickness = _decimal(z_mm)
    header.SpacingBetweenSlices = _decimal(z_mm)
    header.SliceLocation = _decimal(float(position @ normal))


def _decimal(value: float) -> str:
    """A DICOM decimal string: at most 16 characters."""
    return f"{value:.9g}"


def _pixels(header: Dataset, phantom: Phantom, phase: int, index: int) -> None:
    image = phantom.phases[phase, index]
    low, high = np.percentile(image, (1.0, 99.5))
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.Rows, header.Columns = image.shape
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 12, 11
    header.PixelRepresentation = 0
    header.SmallestImagePixelValue = int(image.min())
    header.LargestImagePixelValue = int(image.max())
    header.WindowCenter = f"{(low + high) / 2:.0f}"
    header.WindowWidth = f"{max(high - low, 1):.0f}"
    header.PixelData = image.astype("<u2").tobytes()
