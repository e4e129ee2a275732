"""Every transfer syntax a scanner or archive writes gives its pixels back, by our own path as by pydicom's."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import gdcm
import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import pixel_array
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from backend.imaging.dicom import files
from backend.imaging.dicom.faults import Defect
from backend.imaging.dicom.frame_pixels import read_frames
from backend.imaging.dicom.grouping import group
from backend.imaging.dicom.headers import HeaderRefused, Refusal, read_header
from backend.imaging.dicom.pixels import read_pixels
from backend.imaging.dicom.plan import plan_study
from backend.imaging.dicom.scan import scan
from backend.imaging.dicom.stacks import build_stack
from backend.imaging.sources import list_files
from tests.backend.imaging.conftest import shared
from tests.backend.imaging.dicom_files import ramp
from tests.backend.imaging.enhanced_files import write_enhanced

SHAPE = (3, 72, 68)


def picture_values(dtype: type, bits_stored: int) -> np.ndarray:
    """Smooth pictures with noise, over the whole range that the stored bits have."""
    low, high = (-(2 ** (bits_stored - 1)), 2 ** (bits_stored - 1)) if dtype is np.int16 else (0, 2**bits_stored)
    random = np.random.default_rng(bits_stored)
    smooth = np.linspace(low, high - 1, np.prod(SHAPE)).reshape(SHAPE)
    noisy = np.clip(smooth + random.normal(0, 3, SHAPE), low, high - 1).astype(dtype)
    noisy.flat[0], noisy.flat[-1] = low, high - 1
    return noisy


def by_gdcm(path: Path, syntax: int) -> None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def by_pydicom(path: Path, syntax: UID) -> None:
    dataset = dcmread(path)
    dataset.compress(syntax, generate_instance_uid=False)
    dataset.save_as(path)


def by_imagecodecs(path: Path, syntax: UID, encode: Callable[[np.ndarray], bytes]) -> None:
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([encode(np.ascontiguousarray(dataset.pixel_array))])
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)


def htj2k(path: Path, syntax: UID) -> None:
    by_imagecodecs(path, syntax, lambda picture: imagecodecs.htj2k_encode(picture, reversible=True))


def keep(_path: Path, _syntax: UID) -> None:
    """Native syntaxes are written as such at once."""


def native(syntax: UID):
    """An edit of a file that is about to be written."""
    return lambda header, _n: setattr(header.file_meta, "TransferSyntaxUID", syntax) if syntax in NATIVE else None


NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)
LOSSLESS = [
    *((syntax, keep) for syntax in NATIVE),
    (ExplicitVRBigEndian, lambda path, _: by_gdcm(path, gdcm.TransferSyntax.ExplicitVRBigEndian)),
    (RLELossless, by_pydicom),
    (JPEGLSLossless, by_pydicom),
    (JPEG2000Lossless, by_pydicom),
    (JPEGLossless, lambda path, _: by_gdcm(path, gdcm.TransferSyntax.JPEGLosslessProcess14)),
    (JPEGLosslessSV1, lambda path, _: by_gdcm(path, gdcm.TransferSyntax.JPEGLosslessProcess14_1)),
    (HTJ2KLossless, htj2k),
    (HTJ2KLosslessRPCL, htj2k),
]
KINDS = [(np.uint16, 16), (np.uint16, 12), (np.int16, 16), (np.int16, 12), (np.uint8, 8)]


def stored(kind: type, bits: int) -> dict[str, int]:
    size = 8 * np.dtype(kind).itemsize
    return {"BitsAllocated": size, "BitsStored": bits, "HighBit": bits - 1}


@pytest.mark.parametrize(("kind", "bits"), KINDS, ids=lambda value: str(getattr(value, "__name__", value)))
@pytest.mark.parametrize(("syntax", "encode"), LOSSLESS, ids=[syntax.keyword for syntax, _ in LOSSLESS])
def test_a_lossless_syntax_gives_every_value_back(study, syntax, encode, kind, bits):
    given = picture_values(kind, bits)
    paths = study.add(given, edit=native(syntax), **stored(kind, bits))
    for path in paths:
        encode(path, syntax)
        assert dcmread(path).file_meta.TransferSyntaxUID == syntax
    pixels = read_pixels(build_stack([read_header(path) for path in paths]))
    np.testing.assert_array_equal(pixels.stored * pixels.slope + pixels.intercept, given)


LOSSY = [
    (JPEGBaseline8Bit, np.uint8, 8, lambda picture: imagecodecs.jpeg8_encode(picture, level=95)),
    (JPEGExtended12Bit, np.uint8, 8, lambda picture: imagecodecs.jpeg8_encode(picture, level=95)),
    (JPEGLSNearLossless, np.uint16, 12, lambda picture: imagecodecs.jpegls_encode(picture, level=2)),
    (JPEG2000, np.uint16, 12, lambda picture: imagecodecs.jpeg2k_encode(picture, level=80, codecformat="J2K")),
]


@pytest.mark.parametrize(("syntax", "kind", "bits", "encode"), LOSSY, ids=[row[0].keyword for row in LOSSY])
def test_a_lossy_syntax_gives_every_value_back_nearly(study, syntax, kind, bits, encode):
    given = picture_values(kind, bits)
    paths = study.add(given, **stored(kind, bits), LossyImageCompression="01")
    for path in paths:
        by_imagecodecs(path, syntax, encode)
    headers = [read_header(path) for path in paths]
    assert all(header.is_lossy for header in headers)
    pixels = read_pixels(build_stack(headers))
    error = np.abs(pixels.stored.astype(float) - given)
    assert error.max() < 0.05 * 2**bits
    assert error.mean() < 0.01 * 2**bits


def test_jpeg_of_twelve_bits_is_refused_by_its_name(study):
    for path in study.add(picture_values(np.uint16, 12), **stored(np.uint16, 12)):
        by_imagecodecs(path, JPEGExtended12Bit, lambda picture: imagecodecs.jpeg8_encode(picture, bitspersample=12))
    (files_of_study,) = group(scan(list_files(study.folder)[0]).headers)
    (fault,) = plan_study(files_of_study, max_voxels=10**6).faults
    assert "JPEG Extended (Process 2 and 4), 12 bits" in fault.message


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless])
def test_a_syntax_that_is_always_lossy_is_known_without_being_told(study, syntax):
    path = study.add(ramp((1, 4, 4)))[0]
    assert not read_header(path).is_lossy
    dataset = dcmread(path)
    dataset.file_meta.TransferSyntaxUID, dataset.PixelData = syntax, encapsulate([b"\0" * 64])
    dataset.save_as(path)
    assert read_header(path).is_lossy


def deflated_with(study, extra: bytes) -> Path:
    """A deflated file whose dataset is followed by more bytes that inflate."""
    path = study.add(ramp((1, 4, 4)), edit=native(DeflatedExplicitVRLittleEndian))[0]
    content = path.read_bytes()
    start = content.index(zlib_start := content[132:][meta_bytes(path) :])
    plain = zlib.decompress(zlib_start, -zlib.MAX_WBITS)
    squeezer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    path.write_bytes(content[:start] + squeezer.compress(plain + extra) + squeezer.flush())
    return path


def meta_bytes(path: Path) -> int:
    meta = dcmread(path, stop_before_pixels=True, force=True).file_meta
    return int(meta.FileMetaInformationGroupLength) + 12


def test_a_deflate_bomb_is_refused_before_it_inflates(study):
    path = deflated_with(study, bytes(files.MAX_INFLATED_BYTES))
    assert path.stat().st_size < 200_000
    with pytest.raises(HeaderRefused) as refused:
        read_header(path)
    assert refused.value.refusal is Refusal.DEFLATED


def test_a_deflated_file_under_the_limit_is_read(study):
    header = read_header(deflated_with(study, bytes(1000)))
    np.testing.assert_array_equal(next(read_frames(header.path, [header])), ramp((1, 4, 4))[0])


# The one called too short lacks the delimiter after its last frame, and nothing of a frame.
SMALL = ("", "_RLE", "_big_endian", "_jpeg_2k_lossless", "_jpeg_ls_lossless", "_jpeg_2k_lossless_too_short")


def test_real_enhanced_files_hold_the_same_frames_in_each_syntax():
    folder = shared("odd_mr") / "pydicom-data"
    given = pixel_array(folder / "emri_small.dcm")
    assert given.shape == (10, 64, 64)
    for suffix in SMALL:
        path = folder / f"emri_small{suffix}.dcm"
        header = read_header(path)
        assert not header.is_cut_short
        frames = list(read_frames(path, [replace(header, frame=n) for n in range(10, 0, -1)]))
        np.testing.assert_array_equal(np.stack(frames)[::-1], given)


@pytest.mark.parametrize("cut", [1, 9, 100])
def test_a_compressed_slice_that_lost_its_end_is_cut_short(study, cut):
    """Decoders fill up what is lacking, so nothing else would tell."""
    path = study.add(picture_values(np.uint16, 12)[:1], **stored(np.uint16, 12))[0]
    by_pydicom(path, RLELossless)
    whole = path.read_bytes()
    assert not read_header(path).is_cut_short
    path.write_bytes(whole[: -8 - cut])
    assert read_header(path).is_cut_short


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_frames_of_a_compressed_enhanced_file_come_in_any_order(tmp_path, syntax):
    given = np.stack([picture_values(np.uint16, 12)[:, :64, :60]] * 2)
    given[1] += 1
    path = write_enhanced(tmp_path / "dce", np.minimum(given, 4095), SeriesDescription="dyn")
    by_pydicom(path, syntax)
    header = read_header(path)
    frames = list(read_frames(path, header.slices[::-1]))
    theirs = pixel_array(path)
    np.testing.assert_array_equal(np.stack(frames)[::-1], theirs)


def test_a_damaged_frame_is_counted(study):
    paths = study.add(picture_values(np.uint16, 12), **stored(np.uint16, 12))
    for path in paths:
        by_pydicom(path, JPEG2000Lossless)
    stack = build_stack([read_header(path) for path in paths])
    content = bytearray(paths[1].read_bytes())
    content[-2000:] = bytes(2000)
    paths[1].write_bytes(content)
    with pytest.raises(Defect, match="has 1 of 3 images whose pixels cannot be read"):
        read_pixels(stack)
