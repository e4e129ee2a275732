"""Sound files of every kind that an import reads, from which hostile ones are made."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import SimpleITK as sitk
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EnhancedMRImageStorage,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)

from tests.backend.imaging.dicom_files import StudyWriter, ramp

SHAPE = (4, 64, 48)


def dicom_study(folder: Path) -> list[bytes]:
    """Four slices of one study, as bytes."""
    study = StudyWriter(folder, patient={"PatientID": generate_uid(), "PatientName": "Doe^Jane"})
    paths = study.add(ramp(SHAPE), SeriesDescription="ax t1", AcquisitionDate="20240102", AcquisitionTime="101112")
    return [path.read_bytes() for path in paths]


def with_syntax(content: bytes, syntax: str) -> bytes:
    """The same image in another transfer syntax."""
    header = dcmread(io.BytesIO(content))
    if syntax in {RLELossless, JPEGLSLossless, JPEG2000Lossless}:
        header.compress(syntax, generate_instance_uid=False)
        return written(header)
    fresh = Dataset()  # one that was read refuses to change its byte order
    fresh.update(header)
    fresh.file_meta, fresh.preamble = header.file_meta, header.preamble
    fresh.file_meta.TransferSyntaxUID = syntax
    if syntax == ExplicitVRBigEndian:
        fresh.PixelData = np.frombuffer(header.PixelData, "<u2").astype(">u2").tobytes()
    out, big, implicit = io.BytesIO(), syntax == ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
    fresh.save_as(out, enforce_file_format=True, little_endian=not big, implicit_vr=implicit)
    return out.getvalue()


def enhanced(content: bytes) -> bytes:
    """A multi-frame image of the same patient."""
    header = dcmread(io.BytesIO(content))
    positions = [[-20.0, -30.0, 5.0 + 2 * n] for n in range(SHAPE[0])]
    header.SOPClassUID = header.file_meta.MediaStorageSOPClassUID = EnhancedMRImageStorage
    header.NumberOfFrames = SHAPE[0]
    header.PixelData = ramp(SHAPE).astype("<u2").tobytes()
    shared = Dataset()
    shared.PixelMeasuresSequence = Sequence([_item(PixelSpacing=[0.8, 0.7], SliceThickness=2)])
    shared.PlaneOrientationSequence = Sequence([_item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])])
    header.SharedFunctionalGroupsSequence = Sequence([shared])
    header.PerFrameFunctionalGroupsSequence = Sequence(
        _item(PlanePositionSequence=Sequence([_item(ImagePositionPatient=place)])) for place in positions
    )
    return written(header)


def nifti(rng: np.random.Generator) -> bytes:
    """A small NIfTI-1 image."""
    values = rng.integers(0, 900, size=(48, 64, 4), dtype=np.int16)
    return bytes(nibabel.Nifti1Image(values, np.diag([0.7, 0.8, 2.0, 1.0])).to_bytes())


def itk(folder: Path, suffix: str, rng: np.random.Generator) -> bytes:
    """A small image as ITK writes it: `nrrd` or `mha`."""
    path = folder / f"seed.{suffix}"
    image = sitk.GetImageFromArray(rng.integers(0, 900, size=SHAPE, dtype=np.int16))
    image.SetSpacing((0.7, 0.8, 2.0))
    sitk.WriteImage(image, str(path))
    return path.read_bytes()


def npy(rng: np.random.Generator) -> bytes:
    """A small array."""
    out = io.BytesIO()
    np.save(out, rng.integers(0, 900, size=SHAPE, dtype=np.int16))
    return out.getvalue()


def every_kind(folder: Path, rng: np.random.Generator) -> Iterator[tuple[str, str, bytes]]:
    """(kind, suffix of the file's name, content), the kinds that are met most first and several times."""
    slices = dicom_study(folder)
    for name in ("dicom", "dicom again", "dicom once more"):
        yield name, "", slices[1]
    for syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian):
        yield f"dicom {syntax.name}", ".dcm", with_syntax(slices[1], syntax)
    for syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
        yield f"dicom {syntax.name}", ".dcm", with_syntax(slices[1], syntax)
    yield "enhanced dicom", ".dcm", enhanced(slices[0])
    image = nifti(rng)
    yield "nifti", ".nii", image
    yield "nifti.gz", ".nii.gz", gzip.compress(image, mtime=0)
    yield "nrrd", ".nrrd", itk(folder, "nrrd", rng)
    yield "mha", ".mha", itk(folder, "mha", rng)
    yield "npy", ".npy", npy(rng)


def written(header: Dataset) -> bytes:
    """As a file."""
    out = io.BytesIO()
    header.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _item(**attributes: object) -> Dataset:
    item = Dataset()
    for name, value in attributes.items():
        setattr(item, name, value)
    return item
