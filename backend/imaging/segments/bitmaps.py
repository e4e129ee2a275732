"""One bit map per segment on the grid of a volume, as one blob.

A blob is the magic `NFS1`, the length of a JSON head (uint32, little-endian), the head, and for each segment its
non-empty slices one after the other: rows of bits as `numpy.packbits` makes them, deflated by zlib.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"NFS1"
LEVEL = 6
MAX_SEGMENTS = 254  # values of a label
MAX_PACKED_BYTES = 256 * 2**20  # 67 segments that fill every slice of 448×448×160

Shape = tuple[int, int, int]
Box = tuple[Shape, Shape]


@dataclass(frozen=True)
class Bitmaps:
    """planes: by segment number, by slice index: the packed bits of a slice (Y, X) in which the segment has voxels."""

    shape_zyx: Shape
    planes: Mapping[int, Mapping[int, bytes]]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Segments in rising order."""
        return tuple(sorted(self.planes))

    def voxels(self, number: int) -> int:
        """How many voxels a segment has."""
        return sum(self.by_slice(number).values())

    def by_slice(self, number: int) -> dict[int, int]:
        """How many voxels a segment has in each slice in which it has any."""
        return {z: _count(packed) for z, packed in sorted(self.planes[number].items())}

    def plane(self, number: int, z: int) -> NDArray[np.bool_]:
        """A segment's slice (Y, X)."""
        return unpack(self.planes[number][z], self.shape_zyx[1:])

    def box(self, number: int) -> Box:
        """First and last index (z, y, x) that a segment reaches."""
        slices = sorted(self.planes[number])
        flat = np.zeros(self.shape_zyx[1:], dtype=np.bool_)
        for z in slices:
            flat |= self.plane(number, z)
        rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
        first = slices[0], int(rows[0]), int(columns[0])
        return first, (slices[-1], int(rows[-1]), int(columns[-1]))

    def overlaps(self) -> tuple[tuple[tuple[int, int], int], ...]:
        """Pairs of segments that share voxels, and how many, in rising order."""
        shared = dict[tuple[int, int], int]()
        for z, numbers in self._numbers_by_slice().items():
            for pair in combinations(numbers, 2):
                both = np.frombuffer(self.planes[pair[0]][z], np.uint8) & np.frombuffer(
                    self.planes[pair[1]][z], np.uint8
                )
                if count := _count(both.tobytes()):
                    shared[pair] = shared.get(pair, 0) + count
        return tuple(sorted(shared.items()))

    def _numbers_by_slice(self) -> dict[int, list[int]]:
        found = dict[int, list[int]]()
        for number in self.numbers:
            for z in self.planes[number]:
                found.setdefault(z, []).append(number)
        return found

    def encode(self) -> bytes:
        """The blob; equal bit maps give equal bytes."""
        packed = {n: zlib.compress(b"".join(p for _, p in sorted(self.planes[n].items())), LEVEL) for n in self.numbers}
        segments = [{"number": n, "slices": sorted(self.planes[n]), "bytes": len(packed[n])} for n in self.numbers]
        head = json.dumps({"shape_zyx": list(self.shape_zyx), "segments": segments}, separators=(",", ":")).encode()
        return b"".join((MAGIC, struct.pack("<I", len(head)), head, *packed.values()))

    @classmethod
    def decode(cls, blob: bytes, shape_zyx: Shape) -> Bitmaps:
        """Bit maps on a volume of this shape. Raises ValueError for a blob that is damaged or of another shape."""
        head, start = _head(blob)
        if tuple(head["shape_zyx"]) != shape_zyx:
            raise ValueError(f"bit maps need shape {shape_zyx}, got {tuple(head['shape_zyx'])}")
        planes = dict[int, Mapping[int, bytes]]()
        for segment in head["segments"]:
            end = start + int(segment["bytes"])
            planes[int(segment["number"])] = dict(_planes(blob[start:end], segment["slices"], shape_zyx))
            start = end
        if start != len(blob):
            raise ValueError(f"bit maps need {start} bytes, got {len(blob)}")
        return cls(shape_zyx, planes)


def pack(plane: NDArray[np.bool_]) -> bytes:
    """Bits of a slice (Y, X)."""
    return np.packbits(plane, axis=None).tobytes()


def unpack(packed: bytes, shape_yx: tuple[int, int]) -> NDArray[np.bool_]:
    """Slice (Y, X) from its bits."""
    size = shape_yx[0] * shape_yx[1]
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=size).reshape(shape_yx).view(np.bool_)


def slices_in(blob: bytes) -> dict[int, list[int]]:
    """Slices in which each segment of a blob has voxels; nothing is inflated. Raises ValueError for no blob of ours."""
    head, _ = _head(blob)
    return {int(segment["number"]): list(segment["slices"]) for segment in head["segments"]}


def packed_bytes(planes: Mapping[int, Mapping[int, bytes]]) -> int:
    """Room that bit maps take when they are open."""
    return sum(len(packed) for slices in planes.values() for packed in slices.values())


def _count(packed: bytes) -> int:
    return int(np.bitwise_count(np.frombuffer(packed, np.uint8)).sum(dtype=np.int64))


def _head(blob: bytes) -> tuple[dict[str, Any], int]:
    if blob[:4] != MAGIC or len(blob) < 8:
        raise ValueError("bit maps start with NFS1")
    (length,) = struct.unpack_from("<I", blob, 4)
    head: dict[str, Any] = json.loads(blob[8 : 8 + length])
    return head, 8 + length


def _planes(deflated: bytes, slices: list[int], shape_zyx: Shape) -> Iterator[tuple[int, bytes]]:
    each = -(-shape_zyx[1] * shape_zyx[2] // 8)
    wanted = each * len(slices)
    if wanted > MAX_PACKED_BYTES or any(not 0 <= z < shape_zyx[0] for z in slices):
        raise ValueError(f"bit maps need slices 0 to {shape_zyx[0] - 1}, got {len(slices)} of them")
    bits = zlib.decompressobj().decompress(deflated, wanted + 1)
    if len(bits) != wanted:
        raise ValueError(f"bit maps need {wanted} bytes in {len(slices)} slices, got {len(bits)}")
    for place, z in enumerate(slices):
        yield z, bits[place * each : (place + 1) * each]
