"""Files that somebody made to break an import: each is refused in words, or does no harm.

A maker gets a folder that holds a sound study of four slices in `good/`, and adds its attack beside it or in it.
"""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless, generate_uid

from tests.hostile import seeds

GIB = 2**30


@dataclass(frozen=True)
class Attack:
    """make: writes it. says: what the report must say of it, empty when it may stay silent."""

    make: Callable[[Path], None]
    says: str = ""


def _slice(folder: Path) -> tuple[Path, Dataset]:
    path = sorted((folder / "good").rglob("0001"))[0]
    return path, dcmread(path)


def _alone(folder: Path) -> tuple[Path, Dataset]:
    """A slice that becomes a study of its own, so that the good one is not touched."""
    _, header = _slice(folder)
    header.StudyInstanceUID, header.SeriesInstanceUID = generate_uid(), generate_uid()
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    return folder / "attack", header


def _explicit(group: int, element: int, vr: bytes, length: int, value: bytes = b"") -> bytes:
    long = vr in {b"OB", b"OW", b"SQ", b"UN", b"UT", b"UC"}
    return (
        struct.pack("<HH", group, element)
        + vr
        + (struct.pack("<HI", 0, length) if long else struct.pack("<H", length))
        + value
    )


def deflate_bomb(folder: Path) -> None:
    path, header = _alone(folder)
    header.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    del header.PixelData
    out = io.BytesIO()
    header.save_as(out, little_endian=True, implicit_vr=False)
    content = out.getvalue()
    meta_end = 132 + 12 + int(dcmread(io.BytesIO(content), force=True).file_meta.FileMetaInformationGroupLength)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(zlib.decompress(content[meta_end:], wbits=-15))
    body += packer.compress(_explicit(0x0009, 0x0010, b"UN", 0xFFFFFFF0))
    for _ in range(1024):
        body += packer.compress(bytes(2**20))
    path.write_bytes(content[:meta_end] + body + packer.flush())


def _zip(folder: Path, members: dict[str, bytes], edit: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> None:
    with zipfile.ZipFile(folder / "attack.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            edit(member)
            archive.writestr(member, content)


def zip_slip(folder: Path) -> None:
    _zip(folder, {"../../outside": b"x"})


def zip_of_an_absolute_path(folder: Path) -> None:
    _zip(folder, {"/etc/outside": b"x"})


def zip_of_a_symbolic_link(folder: Path) -> None:
    _zip(folder, {"link": b"/etc/passwd"}, lambda member: setattr(member, "external_attr", 0o120777 << 16))


def zip_bomb(folder: Path) -> None:
    with (
        zipfile.ZipFile(folder / "attack.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros", "w") as out,
    ):
        for _ in range(1500):
            out.write(bytes(2**20))


def zip_whose_members_overlap(folder: Path) -> None:
    """One packed body that every entry of the directory points to (Fifield 2019)."""
    _zip(folder, {"0": bytes(2**24)})
    path = folder / "attack.zip"
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry, count = content[start:end], 20_000
    tail = bytearray(content[end:])
    struct.pack_into("<HHII", tail, 8, count, count, len(entry) * count, start)
    path.write_bytes(content[:start] + entry * count + bytes(tail))


def zip_in_a_zip(folder: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a", b"x")
    _zip(folder, {"inner.zip": inner.getvalue()})


def zip_of_many_members(folder: Path) -> None:
    with zipfile.ZipFile(folder / "attack.zip", "w") as archive:
        for n in range(60_000):
            archive.writestr(str(n), b"")


def zip_cut_short(folder: Path) -> None:
    _zip(folder, {"a": os.urandom(5000)})
    path = folder / "attack.zip"
    path.write_bytes(path.read_bytes()[:3000])


def symbolic_link(folder: Path) -> None:
    (folder / "attack").symlink_to("/etc/passwd")


def link_in_a_circle(folder: Path) -> None:
    (folder / "attack").symlink_to(folder)


def named_pipe(folder: Path) -> None:
    os.mkfifo(folder / "attack")


def sparse_terabyte(folder: Path) -> None:
    with (folder / "attack").open("wb") as file:
        file.truncate(2**40)


def dicom_of_a_sparse_terabyte(folder: Path) -> None:
    path, header = _alone(folder)
    header.save_as(path)
    with path.open("r+b") as file:
        file.truncate(2**40)


def deep_nesting(folder: Path) -> None:
    """Four thousand sequences in each other."""
    path, header = _alone(folder)
    header.save_as(path)
    content = path.read_bytes()
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    nested = (_explicit(0x0008, 0x1115, b"SQ", 0xFFFFFFFF) + item) * 4000
    at = content.index(struct.pack("<HH", 0x0010, 0x0010))
    path.write_bytes(content[:at] + nested + content[at:])


def four_gigabytes_long(folder: Path) -> None:
    path, header = _alone(folder)
    header.save_as(path)
    content = path.read_bytes()
    at = content.index(struct.pack("<HH", 0x0010, 0x0010))
    path.write_bytes(content[:at] + _explicit(0x0009, 0x1001, b"OB", 0xFFFFFFFE) + content[at:])


def sequence_without_end(folder: Path) -> None:
    path, header = _alone(folder)
    header.save_as(path)
    content = path.read_bytes()
    at = content.index(struct.pack("<HH", 0x0010, 0x0010))
    path.write_bytes(content[:at] + _explicit(0x0008, 0x1115, b"SQ", 0xFFFFFFFF) + content[at:])


def _polyglot(start: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for path in sorted((folder / "good").rglob("0*")):
            content = path.read_bytes()
            path.write_bytes(start.ljust(128, b"\x90") + content[128:])

    return make


def one_identifier_for_two_images(folder: Path) -> None:
    _path, header = _slice(folder)
    header.PixelData = bytes(reversed(header.PixelData))
    header.save_as(folder / "attack")


def one_identifier_for_two_patients(folder: Path) -> None:
    _, header = _slice(folder)
    header.PatientID = "another"
    header.save_as(folder / "attack")


def _edited(**attributes: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for path in sorted((folder / "good").rglob("0*")):
            header = dcmread(path)
            for name, value in attributes.items():
                setattr(header, name, value)
            header.save_as(path)

    return make


def _packed(syntax: str, frame: bytes, **attributes: object) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for path in sorted((folder / "good").rglob("0*")):
            header = dcmread(path)
            header.file_meta.TransferSyntaxUID = syntax
            header.PixelData = encapsulate([frame])
            header["PixelData"].VR = "OB"
            for name, value in attributes.items():
                setattr(header, name, value)
            header.save_as(path)

    return make


def _jpeg2000(rows: int, columns: int) -> bytes:
    """The main header of a code stream that claims a size."""
    size = struct.pack(">HIIIIIIIIH", 0, columns, rows, 0, 0, columns, rows, 0, 0, 1) + bytes([15, 1, 1])
    return b"\xff\x4f\xff\x51" + struct.pack(">H", len(size) + 2) + size + b"\xff\xd9"


def _jpegls(rows: int, columns: int) -> bytes:
    frame = struct.pack(">BHHB", 16, rows, columns, 1) + bytes([1, 0x11, 0])
    scan = bytes([1, 1, 0, 0, 0, 0])
    return (
        b"\xff\xd8\xff\xf7"
        + struct.pack(">H", len(frame) + 2)
        + frame
        + b"\xff\xda"
        + struct.pack(">H", len(scan) + 2)
        + scan
    )


def million_private_elements(folder: Path) -> None:
    path, header = _alone(folder)
    header.save_as(path)
    content = path.read_bytes()
    at = content.index(struct.pack("<HH", 0x0010, 0x0010))
    private = b"".join(_explicit(0x0009, 0x1000 + n % 0xE000, b"LO", 2, b"xx") for n in range(1_000_000))
    path.write_bytes(content[:at] + private + content[at:])


def words_for_the_protocol(folder: Path) -> None:
    """Line ends and JSON where a name should be: they must not reach the messages between the processes as such."""
    edit = _edited(
        PatientID='x"}\n{"event":"built"}\n',
        PatientName='\r\n{"event":"surveyed","cases":[]}\n\0',
        SeriesDescription="ax\n{}\x1b[2J dyn",
    )
    edit(folder)


def path_for_an_identifier(folder: Path) -> None:
    _edited(StudyInstanceUID="../../../../etc/passwd")(folder)


def nested_item_of_another_patient(folder: Path) -> None:
    item = Dataset()
    item.PatientID, item.PatientName = "hidden", "Hidden^Name"
    _edited(ReferencedStudySequence=Sequence([item]))(folder)


def nifti_bomb(folder: Path) -> None:
    head = bytearray(seeds.nifti(np.random.default_rng(0))[:352])
    struct.pack_into("<8h", head, 40, 3, 32767, 32767, 8, 1, 1, 1, 1)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packer.compress(bytes(head))
    for _ in range(1024):
        body += packer.compress(bytes(2**20))
    (folder / "attack.nii.gz").write_bytes(body + packer.flush())


def nifti_of_negative_size(folder: Path) -> None:
    content = bytearray(seeds.nifti(np.random.default_rng(0)))
    struct.pack_into("<8h", content, 40, 3, -5, -16, 4, 1, 1, 1, 1)
    (folder / "attack.nii.gz").write_bytes(gzip.compress(bytes(content)))


def nrrd_that_reads_another_file(folder: Path) -> None:
    (folder / "attack.nhdr").write_text(
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 4 4\nencoding: raw\ndata file: /etc/passwd\n\n"
    )
    (folder / "attack.nrrd").write_text(
        "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 4 4 4\nencoding: raw\ndata file: /etc/passwd\n\n"
    )


def mha_that_reads_another_file(folder: Path) -> None:
    (folder / "attack.mha").write_text(
        "ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = MET_UCHAR\nElementDataFile = /etc/passwd\n"
    )


def npy_that_runs_code(folder: Path) -> None:
    class Touch:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(folder.parent / "ran"),)

    np.save(folder / "VIBRANT.npy", np.array([Touch()], dtype=object), allow_pickle=True)


def npy_of_a_huge_header(folder: Path) -> None:
    head = b"{'descr': '<i2', 'fortran_order': False, 'shape': (%d, 4096, 4096), }" % 2**20
    (folder / "VIBRANT.npy").write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(head)) + head + bytes(100))


ATTACKS: dict[str, Attack] = {
    "deflate bomb": Attack(deflate_bomb, "inflat"),
    "zip slip": Attack(zip_slip, "outside"),
    "zip of an absolute path": Attack(zip_of_an_absolute_path, "outside"),
    "zip of a symbolic link": Attack(zip_of_a_symbolic_link, "link"),
    "zip bomb": Attack(zip_bomb, "inflate"),
    "zip whose members overlap": Attack(zip_whose_members_overlap, "zip"),
    "zip in a zip": Attack(zip_in_a_zip, "zip"),
    "zip of many members": Attack(zip_of_many_members, "60,000"),
    "zip cut short": Attack(zip_cut_short, "damaged"),
    "symbolic link": Attack(symbolic_link, "link"),
    "link in a circle": Attack(link_in_a_circle, "link"),
    "named pipe": Attack(named_pipe),
    "sparse terabyte": Attack(sparse_terabyte),
    "DICOM of a sparse terabyte": Attack(dicom_of_a_sparse_terabyte),
    "deep nesting": Attack(deep_nesting),
    "4 GB length": Attack(four_gigabytes_long),
    "sequence without end": Attack(sequence_without_end),
    "polyglot of a program": Attack(_polyglot(b"\x7fELF\x02\x01\x01")),
    "polyglot of a script": Attack(_polyglot(b"#!/bin/sh\nrm -rf /\n")),
    "polyglot of a page": Attack(_polyglot(b"<html><script>alert(1)</script>")),
    "one identifier for two images": Attack(one_identifier_for_two_images),
    "one identifier for two patients": Attack(one_identifier_for_two_patients),
    "4 billion pixels": Attack(_edited(Rows=65535, Columns=65535)),
    "2 billion frames": Attack(_edited(NumberOfFrames=2**31 - 1)),
    "no bits": Attack(_edited(BitsAllocated=0)),
    "sixty-four bits": Attack(_edited(BitsAllocated=64)),
    "places beyond numbers": Attack(_edited(ImagePositionPatient=["1e300", "-1e300", "1e300"])),
    "spacing of nothing": Attack(_edited(PixelSpacing=["0", "1e-300"])),
    "slope of infinity": Attack(_edited(RescaleSlope="1e308", RescaleIntercept="-1e308"), "rescale slope"),
    "RLE of lies": Attack(_packed(RLELossless, struct.pack("<16I", 2, 64, 0xFFFFFFF0, *[0] * 13) + b"\x81" * 64)),
    "JPEG 2000 of 100,000 × 100,000": Attack(_packed(JPEG2000Lossless, _jpeg2000(100_000, 100_000))),
    "JPEG-LS of 65,535 × 65,535": Attack(_packed(JPEGLSLossless, _jpegls(65_535, 65_535))),
    "a million private elements": Attack(million_private_elements),
    "ten million letters": Attack(_edited(ImageComments="x" * 10_000_000)),
    "words for the protocol": Attack(words_for_the_protocol),
    "a path for an identifier": Attack(path_for_an_identifier),
    "another patient in a sequence": Attack(nested_item_of_another_patient),
    "NIfTI bomb": Attack(nifti_bomb),
    "NIfTI of negative size": Attack(nifti_of_negative_size),
    "NRRD that reads another file": Attack(nrrd_that_reads_another_file),
    "MHA that reads another file": Attack(mha_that_reads_another_file),
    "npy that runs code": Attack(npy_that_runs_code),
    "npy of a huge header": Attack(npy_of_a_huge_header),
}
