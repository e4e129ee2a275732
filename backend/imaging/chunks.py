"""A phase's pixels as blobs: gzip of little-endian int16 (slices, rows, columns), sixteen slices each."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.core import blobs

SLICES_PER_CHUNK = 16
# On 448×448×160 breast MR, level 1 gives 2.17× at 95 MB/s a core, level 6 gives 2.21× at 14 MB/s.
LEVEL = 1
GZIP = 31  # zlib's window bits for a gzip frame, which carries no time stamp: equal pixels give equal blobs
WINDOW_PERCENTILES = (1.0, 99.5)


@dataclass(frozen=True)
class StoredPhase:
    """chunks: sha256 of each block; window_low, window_high: percentiles of the stored values."""

    chunks: tuple[str, ...]
    window_low: float
    window_high: float


def store_phase(stored_zyx: NDArray[np.int16]) -> StoredPhase:
    """Write the blocks of a phase (Z, Y, X) and measure its display window."""
    histogram = np.zeros(2**16, dtype=np.int64)
    digests = []
    for start in range(0, len(stored_zyx), SLICES_PER_CHUNK):
        block = np.ascontiguousarray(stored_zyx[start : start + SLICES_PER_CHUNK], dtype="<i2")
        digests.append(blobs.put(zlib.compress(block.data, LEVEL, wbits=GZIP)))
        histogram += np.bincount(block.ravel().view(np.uint16) ^ np.uint16(0x8000), minlength=2**16)
    low, high = _percentiles(histogram)
    return StoredPhase(tuple(digests), low, max(high, low + 1))


def load_slices(chunks: Sequence[str], shape_zyx: tuple[int, int, int], start: int, stop: int) -> NDArray[np.int16]:
    """Stored values (stop - start, Y, X) of slices start to stop - 1, opening only the blocks that hold them."""
    _, rows, columns = shape_zyx
    first = start // SLICES_PER_CHUNK
    last = (stop - 1) // SLICES_PER_CHUNK
    content = b"".join(zlib.decompress(blobs.get(digest), wbits=GZIP) for digest in chunks[first : last + 1])
    slices = np.frombuffer(content, dtype="<i2").reshape(-1, rows, columns)
    return slices[start - first * SLICES_PER_CHUNK : stop - first * SLICES_PER_CHUNK]


def _percentiles(histogram: NDArray[np.int64]) -> tuple[float, float]:
    """Values below which the shares of all voxels lie; bin 0 is -32768."""
    cumulative = np.cumsum(histogram)
    low, high = (int(np.searchsorted(cumulative, cumulative[-1] * p / 100)) - 2**15 for p in WINDOW_PERCENTILES)
    return float(low), float(high)
