"""The pixels of single images, each file opened once, one frame in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.utils import iter_pixels
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from backend.imaging.dicom.files import inflated_file
from backend.imaging.dicom.headers import Header

Picture = NDArray[Any]


def read_frames(path: Path, images: Sequence[Header]) -> Iterator[Picture]:
    """Stored values (rows, columns) of images that lie in one file, in the order given.

    Uncompressed pixels are taken from their place in the file: a second look at the header costs more than they do.
    Raises whatever a decoder makes of damaged pixels, or ValueError when they are not of the size the header says.
    """
    for image, picture in zip(images, _pictures(path, images), strict=True):
        if picture.shape != (image.rows, image.columns):
            raise ValueError(f"need {image.rows}×{image.columns} pixels, got {picture.shape}")
        yield picture


def decoded_frames(path: Path, images: Sequence[Header]) -> Iterator[Picture]:
    """The same by pydicom and its decoders alone. Never for deflated files: pydicom inflates them without a limit."""
    return iter_pixels(path, indices=[image.frame - 1 for image in images])  # by default it fails on signed JPEG-LS


def _pictures(path: Path, images: Sequence[Header]) -> Iterator[Picture]:
    first = images[0]
    if first.transfer_syntax == DeflatedExplicitVRLittleEndian:
        return _from_bytes(np.frombuffer(inflated_file(path), np.uint8), images)
    # Bytes of a big-endian file may be swapped in pairs or not (PS3.5 8.1.2): pydicom looks which.
    if first.is_native and (first.bits == 16 or first.transfer_syntax != ExplicitVRBigEndian):
        return _from_file(path, images)
    return decoded_frames(path, images)


def _from_file(path: Path, images: Sequence[Header]) -> Iterator[Picture]:
    with path.open("rb") as file:
        for image in images:
            file.seek(_offset(image))
            yield _values(np.fromfile(file, np.uint8, count=image.frame_bytes), image)


def _from_bytes(content: NDArray[np.uint8], images: Sequence[Header]) -> Iterator[Picture]:
    for image in images:
        yield _values(content[_offset(image) :][: image.frame_bytes], image)


def _offset(image: Header) -> int:
    return image.pixels.at + (image.frame - 1) * image.frame_bytes


def _values(raw: NDArray[np.uint8], image: Header) -> Picture:
    """Values (rows, columns) from bytes as they lie in the file. Only the stored bits count (PS3.5 8.1.1).

    The bits above can hold overlays or anything else: they are shifted out, and a sign is carried on the way back.
    """
    kind, size = "iu"[not image.is_signed], image.bits // 8
    order = ">" if image.transfer_syntax == ExplicitVRBigEndian else "<"
    values = raw.view(f"{order}{kind}{size}").reshape(image.rows, image.columns).astype(f"{kind}{size}", copy=False)
    unused = image.bits - image.bits_stored
    return values if unused == 0 else np.right_shift(np.left_shift(values, unused), unused)
