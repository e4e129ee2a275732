"""Bytes of a file, inflated where they are packed, never more than asked for. What is cut or damaged is refused."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from backend.imaging.dicom.faults import Defect
from backend.imaging.formats.layout import WRITE_AGAIN, Packing

GZIP_START = b"\x1f\x8b"
PIECE_BYTES = 2**16
TRAILING_LIMIT = 2**20  # some writers pad; more than this after the last voxel is no padding
BROKEN = (OSError, EOFError, zlib.error)


class Stream(Protocol):
    """What values are read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def read_head(path: Path, limit: int) -> tuple[bytes, bool]:
    """The first bytes of a file, at most `limit`, and whether they came out of a gzip stream.

    Raises Defect when not even the first of them can be read.
    """
    with path.open("rb") as file:
        packed = file.read(len(GZIP_START)) == GZIP_START
    pieces: list[bytes] = []
    room = limit
    with unpacked(path, Packing.GZIP_WHOLE if packed else Packing.PLAIN, 0) as stream:
        try:
            while room and (piece := stream.read(min(room, PIECE_BYTES))):
                pieces.append(piece)
                room -= len(piece)
        except BROKEN as error:
            if not pieces:
                raise Defect("is cut short or damaged: its header cannot be read", WRITE_AGAIN) from error
    return b"".join(pieces), packed


@contextmanager
def unpacked(path: Path, packing: Packing, offset: int) -> Iterator[Stream]:
    """A stream that stands on the first value."""
    with path.open("rb") as file:
        if packing is Packing.GZIP_WHOLE:
            stream = gzip.GzipFile(fileobj=file)
            skip(stream, offset)
            yield stream
            return
        file.seek(offset)
        if packing is Packing.GZIP_VALUES:
            yield gzip.GzipFile(fileobj=file)
        elif packing is Packing.ZLIB_VALUES:
            yield _Zlib(file)
        else:
            yield file


def skip(stream: Stream, count: int) -> None:
    """Read past the header."""
    try:
        while count > 0:
            piece = stream.read(min(count, PIECE_BYTES))
            if not piece:
                raise EOFError
            count -= len(piece)
    except BROKEN as error:
        raise Defect("is cut short: it ends before its first value", WRITE_AGAIN) from error


def fill(stream: Stream, target: memoryview, *, before: int, promised: int) -> None:
    """Fill the whole target. before: bytes of values that were read already, of the number that the header promises.

    Raises Defect when the file ends early or is damaged.
    """
    done = 0
    try:
        while done < len(target):
            piece = stream.read(min(len(target) - done, 16 * PIECE_BYTES))
            if not piece:
                found = before + done
                raise Defect(f"is cut short: it holds {found:,} of {promised:,} bytes of values", WRITE_AGAIN)
            target[done : done + len(piece)] = piece
            done += len(piece)
    except EOFError as error:
        message = f"is cut short: it ends within its {promised:,} bytes of values"
        raise Defect(message, WRITE_AGAIN) from error
    except (OSError, zlib.error) as error:
        raise Defect("is damaged: its values cannot be unpacked", WRITE_AGAIN) from error


def check_end(stream: Stream) -> None:
    """Raises Defect when much follows the last value, or the checksum of the packed stream is wrong."""
    over = 0
    try:
        while over <= TRAILING_LIMIT and (piece := stream.read(PIECE_BYTES)):
            over += len(piece)
    except BROKEN as error:
        raise Defect("is damaged: its checksum is wrong or its end is missing", WRITE_AGAIN) from error
    if over > TRAILING_LIMIT:
        raise Defect("holds more values than its header says", WRITE_AGAIN)


class _Zlib:
    """A zlib stream, inflated no further than is read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.inflater = zlib.decompressobj()

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self.inflater.eof:
            packed = self.inflater.unconsumed_tail or self.file.read(PIECE_BYTES)
            if not packed:
                raise EOFError("the stream ends before its end mark")
            piece = self.inflater.decompress(packed, size)
            if piece:
                return piece
        return b""
