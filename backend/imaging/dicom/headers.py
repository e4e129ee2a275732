"""One file's header: the attributes by which images are told apart and measured, each checked, none trusted."""

from __future__ import annotations

import datetime as dt
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.uid import (
    UID,
    AllTransferSyntaxes,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from backend.imaging.dicom import attributes as read
from backend.imaging.dicom.files import ARCHIVE_START, HeaderRefused, PixelPlace, Refusal, open_file
from backend.imaging.dicom.frames import frame_values
from backend.imaging.dicom.procedure import procedure

__all__ = ["ARCHIVE_START", "Header", "HeaderRefused", "Refusal", "quietly", "read_header"]

# Values are checked by `attributes`; pydicom's own warnings and log lines would quote them.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)

MAX_FRAMES = 20_000  # 40 phases of 500 slices; each frame costs a header in memory
LOSSY = {JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless}  # others of these families may be either
SIDES = {"L": "left", "R": "right"}


@dataclass(frozen=True, slots=True)
class Header:
    """What the import needs to know of one image. Still identified: it never leaves the importing process.

    path: where the file lies; pixels: where in it. frame: number in the file, from 1. slices: the frames of a
    multi-frame file, each with what its functional groups say; empty for classic files, and where they say nothing.
    acquired_s, content_s, series_s: seconds from one fixed moment, or from midnight where no date is given.
    offset_s: since the first time point. contrast_start_s: since midnight. laterality: `left`, `right` or empty.
    position_lps: mm, centre of the first pixel; orientation: direction of a row, then of a column (LPS).
    spacing_yx_mm: between rows, between columns. identity: texts whose words must not be in a description.
    """

    path: Path
    pixels: PixelPlace
    frame: int
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
    manufacturer: str
    study_description: str
    series_description: str
    series_number: int | None
    instance_number: int | None
    acquisition_number: int | None
    temporal_position: int | None
    acquired_s: float | None
    content_s: float | None
    series_s: float | None
    offset_s: float | None
    trigger_ms: float | None
    contrast_start_s: float | None
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
    stack_id: str
    laterality: str
    patient_position: str
    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    bits: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    padding: int | None
    is_lossy: bool
    slope: float
    intercept: float
    position_lps: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing_yx_mm: tuple[float, ...]
    between_slices_mm: float | None
    slices: tuple[Header, ...] = ()

    @property
    def frame_bytes(self) -> int:
        """Size of one frame's pixels when they are not compressed."""
        return self.rows * self.columns * self.samples * self.bits // 8

    @property
    def is_native(self) -> bool:
        """True when the pixels are not compressed, in either byte order."""
        syntax = self.transfer_syntax or ImplicitVRLittleEndian
        return syntax in AllTransferSyntaxes and not UID(syntax).is_encapsulated

    @property
    def is_cut_short(self) -> bool:
        """True when the file ends before its own pixels do."""
        return not self.pixels.is_whole or (self.is_native and self.pixels.room < self.frame_bytes * self.frames)


@contextmanager
def quietly() -> Iterator[None]:
    """No Python warnings meanwhile, in any thread: pydicom and its decoders quote values of the file in them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_header(path: Path) -> Header:
    """Read one file. Raises HeaderRefused, whatever is wrong with it."""
    try:
        opened = open_file(path, procedure().tags)
        values = read.values_of(opened.dataset)
        slices = tuple(
            _header(path, opened.syntax, opened.pixels, each, frame=n)
            for n, each in enumerate(frame_values(values, limit=MAX_FRAMES), start=1)
        )
        return _header(path, opened.syntax, opened.pixels, values, frame=1, slices=slices)
    except HeaderRefused:
        raise
    except Exception:  # noqa: BLE001 - mutated files raise many kinds, and their texts quote the file
        raise HeaderRefused(Refusal.DAMAGED) from None


def _header(
    path: Path, syntax: str, pixels: PixelPlace, ds: read.Values, *, frame: int, slices: tuple[Header, ...] = ()
) -> Header:
    study, series, instance = (read.uid(ds, f"{level}InstanceUID") for level in ("Study", "Series", "SOP"))
    if not (study and series and instance):
        raise HeaderRefused(Refusal.WITHOUT_IDS)
    bits = read.whole(ds, "BitsAllocated") or 0
    bits_stored = read.whole(ds, "BitsStored") or bits
    between = read.number(ds, "SpacingBetweenSlices")
    return Header(
        path=path,
        pixels=pixels,
        frame=frame,
        transfer_syntax=read.uid({"uid": syntax}, "uid"),
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
        manufacturer=read.text(ds, "Manufacturer"),
        study_description=read.text(ds, "StudyDescription"),
        series_description=read.text(ds, "SeriesDescription"),
        series_number=read.whole(ds, "SeriesNumber"),
        instance_number=read.whole(ds, "InstanceNumber"),
        acquisition_number=read.whole(ds, "AcquisitionNumber"),
        temporal_position=read.whole(ds, "TemporalPositionIdentifier"),
        acquired_s=_acquired_s(ds),
        content_s=read.moment_s(ds, "ContentDate", "ContentTime"),
        series_s=read.moment_s(ds, "SeriesDate", "SeriesTime"),
        offset_s=read.number(ds, "TemporalPositionTimeOffset"),
        trigger_ms=read.number(ds, "TriggerTime"),
        contrast_start_s=read.time_s(ds, "ContrastBolusStartTime"),
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
        stack_id=read.text(ds, "StackID"),
        laterality=_laterality(ds),
        patient_position=read.text(ds, "PatientPosition").upper(),
        rows=read.whole(ds, "Rows") or 0,
        columns=read.whole(ds, "Columns") or 0,
        frames=read.whole(ds, "NumberOfFrames") or 1,
        samples=read.whole(ds, "SamplesPerPixel") or 1,
        photometric=read.text(ds, "PhotometricInterpretation").upper(),
        bits=bits,
        bits_stored=bits_stored,
        high_bit=read.whole(ds, "HighBit") or bits_stored - 1,
        is_signed=read.whole(ds, "PixelRepresentation") == 1,
        padding=read.whole(ds, "PixelPaddingValue"),
        is_lossy=read.text(ds, "LossyImageCompression") == "01" or syntax in LOSSY,
        slope=read.number(ds, "RescaleSlope") or 1.0,
        intercept=read.number(ds, "RescaleIntercept") or 0.0,
        position_lps=read.numbers(ds, "ImagePositionPatient"),
        orientation=read.numbers(ds, "ImageOrientationPatient"),
        spacing_yx_mm=read.numbers(ds, "PixelSpacing"),
        between_slices_mm=between,
        slices=slices,
    )


def _acquired_s(ds: read.Values) -> float | None:
    combined = read.date_time_s(ds, "AcquisitionDateTime")
    return combined if combined is not None else read.moment_s(ds, "AcquisitionDate", "AcquisitionTime")


def _laterality(ds: read.Values) -> str:
    """The nearest to the image counts: of the frame, of the image, of the series."""
    found = (read.text(ds, keyword).upper() for keyword in ("FrameLaterality", "ImageLaterality", "Laterality"))
    return SIDES.get(next((side for side in found if side), ""), "")


def _identity(ds: read.Values) -> tuple[str, ...]:
    return tuple(found for keyword in procedure().identifying if (found := read.text(ds, keyword)))
