"""One file's header: only the attributes that the procedure lists, each checked, none trusted."""

from __future__ import annotations

import datetime as dt
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import dcmread, read_file_meta_info
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian, MediaStorageDirectoryStorage

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.procedure import procedure

PREAMBLE_BYTES = 128
RAW_STARTS = (b"\x08\x00", b"\x02\x00")  # group 0008 or 0002, little-endian: a dataset without preamble
PIXEL_HEADER_BYTES = {"implicit": 8, "explicit": 12}  # of the pixel data element (PS3.5 7.1)
ARCHIVE_START = b"PK\x03\x04"

# Values are checked by `attributes`; pydicom's own warnings and log lines would quote them.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


class Refusal(StrEnum):
    """Why a file is left out before anything is known of its study."""

    NOT_DICOM = "not_dicom"
    ARCHIVE = "archive"
    DIRECTORY = "directory"
    DEFLATED = "deflated"
    DAMAGED = "damaged"
    WITHOUT_IDS = "without_ids"
    LINK = "link"


class HeaderRefused(Exception):
    """The file cannot be used. It carries no text of the file."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Header:
    """What the import needs to know of one file. Still identified: it never leaves the importing process.

    path: where the file lies; pixel_room: bytes from the pixel data element's tag to the end of the file.
    acquired_s, content_s: seconds from one fixed moment.
    position_lps: mm, centre of the first pixel; orientation: direction of a row, then of a column (LPS).
    spacing_yx_mm: between rows, between columns. identity: texts whose words must not be in a description.
    """

    path: Path
    pixel_room: int
    transfer_syntax: str
    sop_class: str
    sop_uid: str
    study_uid: str
    series_uid: str
    frame_of_reference: str
    patient_id: str
    issuer: str
    patient_name: str
    identity: tuple[str, ...]
    modality: str
    burned_in: bool
    recognizable: bool
    conversion: str
    study_description: str
    series_description: str
    series_number: int | None
    instance_number: int | None
    acquisition_number: int | None
    temporal_position: int | None
    acquired_s: float | None
    content_s: float | None
    trigger_ms: float | None
    study_date: dt.date | None
    birth_date: dt.date | None
    age: str
    sex: str
    image_type: tuple[str, ...]
    scanning_sequence: tuple[str, ...]
    sequence_variant: tuple[str, ...]
    scan_options: tuple[str, ...]
    repetition_ms: float | None
    echo_ms: float | None
    echo_number: int | None
    flip_deg: float | None
    diffusion_b: float | None
    has_contrast: bool
    rows: int
    columns: int
    frames: int
    samples: int
    bits: int
    slope: float
    intercept: float
    position_lps: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_yx_mm: tuple[float, ...]
    thickness_mm: float | None

    @property
    def pixel_bytes(self) -> int:
        """Size of the pixels when they are not compressed."""
        return self.rows * self.columns * self.samples * self.frames * self.bits // 8

    @property
    def is_cut_short(self) -> bool:
        """True when the file ends before its own pixels do."""
        syntax = UID(self.transfer_syntax or ImplicitVRLittleEndian)
        if not syntax.is_transfer_syntax or syntax.is_compressed:
            return False
        header = PIXEL_HEADER_BYTES["implicit" if syntax.is_implicit_VR else "explicit"]
        return self.pixel_room < header + self.pixel_bytes


@contextmanager
def quietly() -> Iterator[None]:
    """No Python warnings meanwhile, in any thread: pydicom and its decoders quote values of the file in them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_header(path: Path) -> Header:
    """Read one file. Raises HeaderRefused, whatever is wrong with it."""
    try:
        with path.open("rb") as file:
            dataset = _dataset(file, path)
            return _header(path, dataset, pixel_room=path.stat().st_size - file.tell())
    except HeaderRefused:
        raise
    except Exception:  # noqa: BLE001 - mutated files raise many kinds, and their texts quote the file
        raise HeaderRefused(Refusal.DAMAGED) from None


def _dataset(file: BinaryIO, path: Path) -> Dataset:
    start = file.read(PREAMBLE_BYTES + 4)
    if start.startswith(ARCHIVE_START):
        raise HeaderRefused(Refusal.ARCHIVE)
    has_preamble = start[PREAMBLE_BYTES:] == b"DICM"
    if not has_preamble and not start.startswith(RAW_STARTS):
        raise HeaderRefused(Refusal.NOT_DICOM)
    meta = read_file_meta_info(path) if has_preamble else FileMetaDataset()
    if meta.get("TransferSyntaxUID") == DeflatedExplicitVRLittleEndian:  # inflating has no limit in pydicom
        raise HeaderRefused(Refusal.DEFLATED)
    if meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
        raise HeaderRefused(Refusal.DIRECTORY)
    file.seek(0)
    dataset = dcmread(file, stop_before_pixels=True, specific_tags=procedure().tags, force=not has_preamble)
    if not has_preamble and "SOPClassUID" not in dataset:
        raise HeaderRefused(Refusal.NOT_DICOM)
    return dataset


def _header(path: Path, dataset: Dataset, *, pixel_room: int) -> Header:
    ds = read.values_of(dataset)
    study, series, instance = (read.uid(ds, f"{level}InstanceUID") for level in ("Study", "Series", "SOP"))
    if not (study and series and instance):
        raise HeaderRefused(Refusal.WITHOUT_IDS)
    meta = getattr(dataset, "file_meta", FileMetaDataset())
    return Header(
        path=path,
        pixel_room=pixel_room,
        transfer_syntax=read.uid({"uid": meta.get("TransferSyntaxUID")}, "uid"),
        sop_class=read.uid(ds, "SOPClassUID"),
        sop_uid=instance,
        study_uid=study,
        series_uid=series,
        frame_of_reference=read.uid(ds, "FrameOfReferenceUID"),
        patient_id=read.text(ds, "PatientID"),
        issuer=read.text(ds, "IssuerOfPatientID"),
        patient_name=read.text(ds, "PatientName"),
        identity=_identity(ds),
        modality=read.text(ds, "Modality").upper()[:16],
        burned_in=read.text(ds, "BurnedInAnnotation").upper() == "YES",
        recognizable=read.text(ds, "RecognizableVisualFeatures").upper() == "YES",
        conversion=read.text(ds, "ConversionType").upper(),
        study_description=read.text(ds, "StudyDescription"),
        series_description=read.text(ds, "SeriesDescription"),
        series_number=read.whole(ds, "SeriesNumber"),
        instance_number=read.whole(ds, "InstanceNumber"),
        acquisition_number=read.whole(ds, "AcquisitionNumber"),
        temporal_position=read.whole(ds, "TemporalPositionIdentifier"),
        acquired_s=_acquired_s(ds),
        content_s=read.moment_s(ds, "ContentDate", "ContentTime"),
        trigger_ms=read.number(ds, "TriggerTime"),
        study_date=read.date(ds, "StudyDate"),
        birth_date=read.date(ds, "PatientBirthDate"),
        age=read.text(ds, "PatientAge"),
        sex=read.text(ds, "PatientSex").upper(),
        image_type=read.words(ds, "ImageType"),
        scanning_sequence=read.words(ds, "ScanningSequence"),
        sequence_variant=read.words(ds, "SequenceVariant"),
        scan_options=read.words(ds, "ScanOptions"),
        repetition_ms=read.number(ds, "RepetitionTime"),
        echo_ms=read.number(ds, "EchoTime"),
        echo_number=read.whole(ds, "EchoNumbers"),
        flip_deg=read.number(ds, "FlipAngle"),
        diffusion_b=read.number(ds, "DiffusionBValue"),
        has_contrast=bool(read.text(ds, "ContrastBolusAgent")),
        rows=read.whole(ds, "Rows") or 0,
        columns=read.whole(ds, "Columns") or 0,
        frames=read.whole(ds, "NumberOfFrames") or 1,
        samples=read.whole(ds, "SamplesPerPixel") or 1,
        bits=read.whole(ds, "BitsAllocated") or 0,
        slope=read.number(ds, "RescaleSlope") or 1.0,
        intercept=read.number(ds, "RescaleIntercept") or 0.0,
        position_lps=read.numbers(ds, "ImagePositionPatient"),
        orientation=read.numbers(ds, "ImageOrientationPatient"),
        spacing_yx_mm=read.numbers(ds, "PixelSpacing"),
        thickness_mm=read.number(ds, "SpacingBetweenSlices") or read.number(ds, "SliceThickness"),
    )


def _acquired_s(ds: read.Values) -> float | None:
    combined = read.date_time_s(ds, "AcquisitionDateTime")
    return combined if combined is not None else read.moment_s(ds, "AcquisitionDate", "AcquisitionTime")


def _identity(ds: read.Values) -> tuple[str, ...]:
    return tuple(found for keyword in procedure().identifying if (found := read.text(ds, keyword)))
