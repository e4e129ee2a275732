"""A DICOM file opened as far as its pixels: which syntax it is in, and where its pixels lie. Nothing is trusted."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

PREAMBLE_BYTES = 128
MAGIC = b"DICM"
RAW_STARTS = (b"\x08\x00", b"\x02\x00")  # group 0008 or 0002, little-endian: a dataset without preamble
ARCHIVE_START = b"PK\x03\x04"
# A preamble may be anything, so a file can be DICOM and a program or a page at once. Images of scanners never are.
ALIEN_STARTS = (b"MZ", b"\x7fELF", b"#!", b"%PDF", b"<", b"\x1f\x8b", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
PIXEL_GROUP = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")
FRAGMENT = b"\xfe\xff\x00\xe0"
UNDEFINED_LENGTH = 0xFFFFFFFF
MAX_INFLATED_BYTES = 128 * 2**20  # a slice is under 1 MB, and 128 MiB hold 335 of 448×448: more is a bomb
INFLATE_STEP_BYTES = 2**20


class Refusal(StrEnum):
    """Why a file is left out before anything is known of its study."""

    NOT_DICOM = "not_dicom"
    ARCHIVE = "archive"
    DIRECTORY = "directory"
    DEFLATED = "deflated"
    DAMAGED = "damaged"
    WITHOUT_IDS = "without_ids"
    LINK = "link"
    POLYGLOT = "polyglot"


class HeaderRefused(Exception):
    """The file cannot be used. It carries no text of the file."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class PixelPlace:
    """Where the value of the pixel data element lies.

    at: bytes from the start of the file, or of what a deflated file inflates to. room: bytes from there to the end.
    is_whole: False when the file ends inside of a fragment of encapsulated pixels.
    """

    at: int = 0
    room: int = 0
    is_whole: bool = True


@dataclass(frozen=True)
class OpenedFile:
    """dataset: the wanted attributes, unconverted; syntax: UID of the transfer syntax, empty when the file has none."""

    dataset: Dataset
    syntax: str
    pixels: PixelPlace


def open_file(path: Path, tags: Sequence[BaseTag]) -> OpenedFile:
    """Read the wanted attributes in front of the pixels. Raises HeaderRefused, or whatever a damaged file makes."""
    with path.open("rb") as file:
        has_preamble = _check_start(file.read(PREAMBLE_BYTES + len(MAGIC)))
        file.seek(PREAMBLE_BYTES + len(MAGIC) if has_preamble else 0)
        meta = read_dataset(file, is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
        if meta.get("MediaStorageSOPClassUID") == MediaStorageDirectoryStorage:
            raise HeaderRefused(Refusal.DIRECTORY)
        syntax = str(meta.get("TransferSyntaxUID") or "")
        stream: BinaryIO = file
        if syntax == DeflatedExplicitVRLittleEndian:
            stream = io.BytesIO(inflated(file))
        implicit, little = _encoding(stream, syntax)
        dataset = read_dataset(stream, implicit, little, stop_when=_at_pixels, specific_tags=list(tags))
        if not has_preamble and "SOPClassUID" not in dataset:
            raise HeaderRefused(Refusal.NOT_DICOM)
        return OpenedFile(dataset, syntax, _pixel_place(stream))


def inflated(file: BinaryIO) -> bytes:
    """What the rest of a deflated file (PS3.5 A.5) inflates to. Raises HeaderRefused past MAX_INFLATED_BYTES.

    pydicom inflates without a limit: 1 MB of it can become a gigabyte.
    """
    inflater, parts, total = zlib.decompressobj(-zlib.MAX_WBITS), list[bytes](), 0
    while not inflater.eof and (waiting := inflater.unconsumed_tail or file.read(INFLATE_STEP_BYTES)):
        parts.append(inflater.decompress(waiting, INFLATE_STEP_BYTES))
        total += len(parts[-1])
        if total > MAX_INFLATED_BYTES:
            raise HeaderRefused(Refusal.DEFLATED)
    return b"".join([*parts, inflater.flush()])


def inflated_file(path: Path) -> bytes:
    """The dataset of a deflated file, as `PixelPlace.at` counts in it."""
    with path.open("rb") as file:
        file.seek(PREAMBLE_BYTES + len(MAGIC))
        read_dataset(file, is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
        return inflated(file)


def _check_start(start: bytes) -> bool:
    """True for a file with preamble. Raises HeaderRefused for what is no DICOM, or something else besides."""
    if start.startswith(ARCHIVE_START):
        raise HeaderRefused(Refusal.ARCHIVE)
    if start[PREAMBLE_BYTES:] == MAGIC:
        if start.startswith(ALIEN_STARTS):
            raise HeaderRefused(Refusal.POLYGLOT)
        return True
    if not start.startswith(RAW_STARTS):
        raise HeaderRefused(Refusal.NOT_DICOM)
    return False


def _encoding(stream: BinaryIO, syntax: str) -> tuple[bool, bool]:
    """(implicit, little-endian); without a transfer syntax by the look of the first element."""
    if syntax:
        return syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    start = stream.tell()
    first = stream.read(6)
    stream.seek(start)
    return not first[4:6].isalpha(), True


def _after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag >> 16 != 2


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in PIXEL_TAGS


def _pixel_place(stream: BinaryIO) -> PixelPlace:
    """The stream stands at the tag of the pixel data element, or at its end without one."""
    start = stream.tell()
    head = stream.read(12)
    end = stream.seek(0, io.SEEK_END)
    if head[:4] not in PIXEL_GROUP or len(head) < 8:
        return PixelPlace()
    order = "<" if head[:4] == PIXEL_GROUP[0] else ">"
    is_explicit = head[4:6] in (b"OB", b"OW", b"UN")
    if is_explicit and len(head) < 12:
        return PixelPlace()
    (length,) = struct.unpack_from(f"{order}I", head, 8 if is_explicit else 4)
    at = start + (12 if is_explicit else 8)
    return PixelPlace(at, max(0, end - at), length != UNDEFINED_LENGTH or _fragments_end(stream, at, end))


def _fragments_end(stream: BinaryIO, at: int, end: int) -> bool:
    """True when each fragment (PS3.5 A.4) that begins ends too; some writers leave the delimiter out."""
    while at + 8 <= end:
        stream.seek(at)
        tag, length = struct.unpack("<4sI", stream.read(8))
        if tag != FRAGMENT:
            return True
        at += 8 + length
    return at <= end
