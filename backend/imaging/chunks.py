"""A phase's pixels as blocks: gzip of little-endian int16 (slices, rows, columns), sixteen slices each. Pure."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SLICES_PER_CHUNK = 16
CODEC = "gzip"
# On 448×448×160 breast MR, level 1 gives 2.17× at 95 MB/s a core, level 6 gives 2.21× at 14 MB/s.
LEVEL = 1
GZIP = 31  # zlib's window bits for a gzip frame, which carries no time stamp: equal pixels give equal blobs
WINDOW_PERCENTILES = (1.0, 99.5)


@dataclass(frozen=True)
class EncodedPhase:
    """blocks of `slices_per_chunk` slices in order; window_low, window_high: percentiles of the stored values."""

    codec: str
    slices_per_chunk: int
    blocks: tuple[bytes, ...]
    window_low: float
    window_high: float


def encode_phase(stored_zyx: NDArray[np.int16]) -> EncodedPhase:
    """Blocks of a phase (Z, Y, X), and its display window."""
    histogram = np.zeros(2**16, dtype=np.int64)
    blocks = []
    for start in range(0, len(stored_zyx), SLICES_PER_CHUNK):
        block = np.ascontiguousarray(stored_zyx[start : start + SLICES_PER_CHUNK], dtype="<i2")
        blocks.append(zlib.compress(block.data, LEVEL, wbits=GZIP))
        histogram += np.bincount(block.ravel().view(np.uint16) ^ np.uint16(0x8000), minlength=2**16)
    low, high = _percentiles(histogram)
    return EncodedPhase(CODEC, SLICES_PER_CHUNK, tuple(blocks), low, max(high, low + 1))


def decode_block(block: bytes, codec: str, shape_yx: tuple[int, int]) -> NDArray[np.int16]:
    """Stored values (slices, Y, X) of one block. Raises ValueError for a codec that this version does not know."""
    if codec != CODEC:
        raise ValueError(f"codec needs {CODEC!r}, got {codec!r}")
    values: NDArray[np.int16] = np.frombuffer(zlib.decompress(block, wbits=GZIP), dtype="<i2")
    return values.reshape(-1, *shape_yx)


def _percentiles(histogram: NDArray[np.int64]) -> tuple[float, float]:
    """Values below which the shares of all voxels lie; bin 0 is -32768."""
    cumulative = np.cumsum(histogram)
    low, high = (int(np.searchsorted(cumulative, cumulative[-1] * p / 100)) - 2**15 for p in WINDOW_PERCENTILES)
    return float(low), float(high)
