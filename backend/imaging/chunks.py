"""A phase's pixels as blocks of a few slices, each coded on its own. Pure.

Each pixel becomes its difference from the one before it in the block, modulo 2^16 and moved up by 128, so that the
small differences of an image fill the low byte and leave the high byte empty; then all low bytes, all high bytes, and
gzip. docs/adr/0015-volumes-in-small-blocks-of-differences.md has the measurements.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

CODEC = "delta-planes-gzip"
PLAIN = "gzip"  # what blocks were before: gzip of little-endian int16
MOVED_UP = 128
LEVEL = 1  # of 0 to 3: level 0 takes 1.7 times the bytes, 2 and 3 save none
GZIP = 31  # zlib's window bits for a gzip frame, which carries no time stamp: equal pixels give equal blobs
# A block of 448×448 slices holds four of them and takes 0.15 s at 30 Mbit/s.
BLOCK_BYTES = 1_800_000
MOST_SLICES = 16
THINNED_FROM = 256  # rows and columns
WINDOW_PERCENTILES = (1.0, 99.5)
AT_ONCE = min(os.cpu_count() or 1, 4)  # coding leaves Python's lock


@dataclass(frozen=True)
class CodedPhase:
    """chunks: what `keep` said of each block of `slices_per_chunk` slices; window_low, window_high: for display."""

    codec: str
    slices_per_chunk: int
    chunks: tuple[str, ...]
    window_low: float
    window_high: float


def slices_per_chunk(shape_yx: tuple[int, int]) -> int:
    """How many slices of so many rows and columns make a block of about `BLOCK_BYTES`."""
    return min(max(BLOCK_BYTES // (2 * shape_yx[0] * shape_yx[1]), 1), MOST_SLICES)


def code_phase(stored_zyx: NDArray[np.int16], keep: Callable[[bytes], str]) -> CodedPhase:
    """Code a phase (Z, Y, X) and give each block to `keep`, several at once from several threads."""
    count = slices_per_chunk(stored_zyx.shape[1:])
    blocks = [stored_zyx[start : start + count] for start in range(0, len(stored_zyx), count)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        chunks = tuple(pool.map(lambda block: keep(encode_block(block)), blocks))
    return CodedPhase(CODEC, count, chunks, *display_window(stored_zyx))


def encode_block(stored_zyx: NDArray[np.int16]) -> bytes:
    """Bytes of a block (slices, Y, X). `decode_block` in the front end's `viewer/codec.ts` reads them too."""
    pixels = np.ascontiguousarray(stored_zyx, dtype=np.int16).ravel().view(np.uint16)
    moved = np.empty_like(pixels)
    moved[0] = pixels[0]
    np.subtract(pixels[1:], pixels[:-1], out=moved[1:])
    moved += np.uint16(MOVED_UP)
    planes = np.empty((2, len(moved)), dtype=np.uint8)
    planes[0] = moved.astype(np.uint8)
    np.right_shift(moved, 8, out=planes[1], casting="unsafe")
    coded: bytes = isal_zlib.compress(planes.data, LEVEL, wbits=GZIP)
    return coded


def decode_block(block: bytes, codec: str, shape_yx: tuple[int, int]) -> NDArray[np.int16]:
    """Stored values (slices, Y, X) of one block. Raises ValueError for a codec that this version does not know."""
    if codec == PLAIN:
        return np.frombuffer(isal_zlib.decompress(block, wbits=GZIP), dtype="<i2").reshape(-1, *shape_yx)
    if codec != CODEC:
        raise ValueError(f"codec needs {CODEC!r} or {PLAIN!r}, got {codec!r}")
    low, high = np.frombuffer(isal_zlib.decompress(block, wbits=GZIP), dtype=np.uint8).reshape(2, -1)
    moved = np.left_shift(high, 8, dtype=np.uint16)
    moved |= low
    moved -= np.uint16(MOVED_UP)
    return np.add.accumulate(moved, dtype=np.uint16, out=moved).view(np.int16).reshape(-1, *shape_yx)


def thinned(stored_zyx: NDArray[np.int16]) -> NDArray[np.int16]:
    """A view of every second row and column where there are many: enough for statistics and small pictures."""
    step = 2 if min(stored_zyx.shape[1:]) >= THINNED_FROM else 1
    return stored_zyx[:, ::step, ::step]


def display_window(stored_zyx: NDArray[np.int16]) -> tuple[float, float]:
    """The 1st and 99.5th percentile of the thinned pixels, at least 1 apart."""
    histogram = np.zeros(2**16, dtype=np.int64)  # bin 0 is -32768
    for slice_yx in thinned(stored_zyx):
        pixels = np.ascontiguousarray(slice_yx, dtype=np.int16)
        histogram += np.bincount(pixels.ravel().view(np.uint16) ^ np.uint16(0x8000), minlength=2**16)
    cumulative = np.cumsum(histogram)
    low, high = (int(np.searchsorted(cumulative, cumulative[-1] * p / 100)) - 2**15 for p in WINDOW_PERCENTILES)
    return float(low), float(max(high, low + 1))
