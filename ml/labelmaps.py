"""Label maps as run lengths, slice by slice: the form in which masks are stored, hashed and sent.

A slice is coded as runs of (value uint8, length uint16 little-endian), row by row. Runs are maximal and split only at
65 535, so equal slices give equal bytes. A bundle (`BMM1`) carries numbered slices:
magic `BMM1`, uint16 count, then per slice uint16 index, uint32 length in bytes, the runs. All little-endian.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

LabelArray = NDArray[np.uint8]

MAGIC = b"BMM1"
_MAX_RUN = 65_535
_RUN = np.dtype([("value", "u1"), ("length", "<u2")])


def encode_slice(labels: LabelArray) -> bytes:
    """Runs of a slice (Y, X) of uint8. Raises ValueError for another type."""
    if labels.dtype != np.uint8:
        raise ValueError(f"labels need uint8, got {labels.dtype}")
    flat = np.ascontiguousarray(labels).reshape(-1)
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    lengths = np.diff(np.concatenate((starts, [flat.size])))
    pieces = -(-lengths // _MAX_RUN)
    runs = np.empty(int(pieces.sum()), dtype=_RUN)
    runs["value"] = np.repeat(flat[starts], pieces)
    runs["length"] = _MAX_RUN
    runs["length"][np.cumsum(pieces) - 1] = lengths - (pieces - 1) * _MAX_RUN
    return runs.tobytes()


def decode_slice(runs: bytes, shape_yx: tuple[int, int]) -> LabelArray:
    """Slice (Y, X) of uint8. Raises ValueError when the runs do not fill the slice exactly."""
    if len(runs) % _RUN.itemsize:
        raise ValueError(f"runs need a multiple of {_RUN.itemsize} bytes, got {len(runs)}")
    table = np.frombuffer(runs, dtype=_RUN)
    lengths = table["length"].astype(np.int64)
    size = shape_yx[0] * shape_yx[1]
    if int(lengths.sum()) != size:
        raise ValueError(f"runs cover {int(lengths.sum())} pixels, the slice has {size}")
    return np.repeat(table["value"], lengths).reshape(shape_yx)


def pack_bundle(slices: Mapping[int, bytes]) -> bytes:
    """Bundle of coded slices by index, in rising order."""
    parts = [MAGIC, struct.pack("<H", len(slices))]
    for index in sorted(slices):
        parts += [struct.pack("<HI", index, len(slices[index])), slices[index]]
    return b"".join(parts)


def unpack_bundle(bundle: bytes) -> dict[int, bytes]:
    """Coded slices by index. Raises ValueError for a bundle that is cut, too long or names a slice twice."""
    if bundle[:4] != MAGIC or len(bundle) < 6:
        raise ValueError("not a BMM1 bundle")
    (count,) = struct.unpack_from("<H", bundle, 4)
    offset, slices = 6, dict[int, bytes]()
    for _ in range(count):
        if offset + 6 > len(bundle):
            raise ValueError("the bundle is cut short")
        index, length = struct.unpack_from("<HI", bundle, offset)
        offset += 6
        if offset + length > len(bundle):
            raise ValueError(f"slice {index} is cut short")
        if index in slices:
            raise ValueError(f"slice {index} is given twice")
        slices[index] = bundle[offset : offset + length]
        offset += length
    if offset != len(bundle):
        raise ValueError("bytes follow the last slice of the bundle")
    return slices


def content_hash(shape_zyx: tuple[int, int, int], slice_hashes: Iterable[tuple[int, str]]) -> str:
    """sha256 that identifies a label map: its shape and the sha256 of the runs of each non-empty slice."""
    digest = hashlib.sha256(b"ninefold-mask-1")
    digest.update(struct.pack("<3I", *shape_zyx))
    for index, slice_hash in sorted(slice_hashes):
        digest.update(struct.pack("<H", index) + bytes.fromhex(slice_hash))
    return digest.hexdigest()


def changed_voxels(before: LabelArray, after: LabelArray, values: Iterable[int]) -> dict[int, int]:
    """Voxels that gained or lost each label value between two label maps of one shape. Raises ValueError otherwise."""
    if before.shape != after.shape:
        raise ValueError(f"label maps need one shape, got {before.shape} and {after.shape}")
    differs = before != after
    counts = np.bincount(before[differs], minlength=256) + np.bincount(after[differs], minlength=256)
    return {value: int(counts[value]) for value in values}
